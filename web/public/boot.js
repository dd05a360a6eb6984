// Runs before the first paint, so that neither theme nor text direction flashes.
try {
  var root = document.documentElement;
  var theme = localStorage.getItem('theme');
  if (theme === 'dark' || theme === 'light') root.dataset.theme = theme;
  var locale = localStorage.getItem('locale');
  if (locale) root.lang = locale;
} catch {
  /* storage is blocked: the system's choice it is */
}
