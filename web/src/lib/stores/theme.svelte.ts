export type Theme = 'system' | 'light' | 'dark';
const stored = localStorage.getItem('theme');
let current = $state<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system');

/** The system's bars around the app, of which the page names a colour for each scheme. */
function colourBars(theme: Theme): void {
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const { scheme } = meta.dataset;
    if (theme === 'system') meta.media = `(prefers-color-scheme: ${scheme})`;
    else meta.media = scheme === theme ? 'all' : 'not all';
  }
}

export const theme = {
  get value() {
    return current;
  },
  set value(next: Theme) {
    current = next;
    const apply = () => {
      colourBars(next);
      if (next === 'system') {
        delete document.documentElement.dataset.theme;
        localStorage.removeItem('theme');
      } else {
        document.documentElement.dataset.theme = next;
        localStorage.setItem('theme', next);
      }
    };
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (document.startViewTransition && !still) document.startViewTransition(apply);
    else apply();
  }
};
