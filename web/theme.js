// The theme before the first paint: what the address says, else what was chosen last, else the system's.
// A plain script, because a module would run after the first paint and the page would flash.
(() => {
  let theme = new URLSearchParams(location.search).get('theme');
  try {
    theme = theme ?? localStorage.getItem('tidemark.theme');
  } catch {
    // Storage may be forbidden; the system's theme is then as good.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
