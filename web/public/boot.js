// Runs before the first paint, so that neither theme nor text direction flashes.
try {
  var root = document.documentElement;
  var theme = localStorage.getItem('theme');
  if (theme === 'dark' || theme === 'light') {
    root.dataset.theme = theme;
    // The bar around the app follows the app's theme, not the system's.
    for (var meta of document.querySelectorAll('meta[name="theme-color"]')) meta.media = meta.dataset.scheme === theme ? 'all' : 'not all';
  }
  var locale = localStorage.getItem('locale');
  if (locale) root.lang = locale;
} catch {
  /* storage is blocked: the system's choice it is */
}
