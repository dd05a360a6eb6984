export type Theme = 'system' | 'light' | 'dark';
const stored = localStorage.getItem('theme');
let current = $state<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system');

export const theme = {
  get value() {
    return current;
  },
  set value(next: Theme) {
    current = next;
    const apply = () => {
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
