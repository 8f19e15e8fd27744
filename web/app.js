// The story of the page: read the address, show the bar, load what the view needs, show it; again whenever the
// address changes. A view is a module with `load(state, signal)` and `show(main, data, context)`.

import { ApiError } from './api.js';
import { showBar } from './bar.js';
import { el, rememberFocus, replace } from './dom.js';
import { parseState, toPath } from './state.js';
import * as overview from './views/overview.js';
import * as integration from './views/integration.js';

const VIEWS = { overview, integration };

const main = document.getElementById('main');
const bar = document.getElementById('bar');
const status = document.getElementById('status');
let running = new AbortController();
let shownPage = null;

async function render() {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  const state = parseState(location.pathname + location.search);
  const theme = applyTheme(state.theme);
  const go = (change) => navigate(toPath({ ...state, ...change }));
  showBar(bar, state, theme, go);
  main.setAttribute('aria-busy', 'true');
  replace(status, 'Loading…');
  try {
    const view = VIEWS[state.page];
    const data = await view.load(state, signal);
    if (signal.aborted) return;
    const restoreFocus = shownPage === pageOf(state) ? rememberFocus(main) : null;
    const shown = view.show(main, data, { state, go, signal, theme: theme === 'system' ? systemTheme() : theme });
    restoreFocus?.();
    await shown;
  } catch (error) {
    if (signal.aborted) return;
    showError(error);
  }
  settle(state);
}

function settle(state) {
  main.removeAttribute('aria-busy');
  replace(status, '');
  const page = pageOf(state);
  // After a change of page the reading starts at its top; after a change of range it stays where it was.
  if (shownPage !== null && shownPage !== page) {
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  shownPage = page;
}

function pageOf(state) {
  return `${state.page}/${state.name ?? ''}`;
}

function showError(error) {
  const known = error instanceof ApiError;
  const title = known ? `${error.status} ${error.title}` : 'The service cannot be reached';
  const detail = known ? error.detail : 'Check that tidemark is running, then try again.';
  replace(main, el('div', { class: 'empty', role: 'alert', 'data-test-error': '' },
    el('h1', {}, title), el('p', {}, detail),
    el('button', { type: 'button', click: render }, 'Try again')));
}

function navigate(path) {
  if (path === location.pathname + location.search) return;
  history.pushState(null, '', path);
  render();
}

function applyTheme(chosen) {
  const theme = chosen ?? storedTheme() ?? 'system';
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  if (chosen) storeTheme(chosen);
  return theme;
}

function systemTheme() {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

function storedTheme() {
  try {
    return localStorage.getItem('tidemark.theme');
  } catch {
    return null;
  }
}

function storeTheme(theme) {
  try {
    localStorage.setItem('tidemark.theme', theme);
  } catch {
    // The address has it; storage only remembers it for the next visit.
  }
}

/** Links inside the dashboard change the address without loading the page again; with a key held they do not. */
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-nav]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  navigate(link.getAttribute('href'));
});

/** A chart is drawn for a width; a window that changed its own gets another. */
let resized = 0;
let width = innerWidth;
addEventListener('resize', () => {
  clearTimeout(resized);
  resized = setTimeout(() => {
    if (Math.abs(innerWidth - width) < 40) return;
    width = innerWidth;
    render();
  }, 250);
});

addEventListener('popstate', render);
render();
