// The bar on every page: where one is, the time range, the zone and the theme. Each control is a change of state.

import { el, rememberFocus, replace } from './dom.js';
import { toPath } from './state.js';

const PRESETS = [['', 'default'], ['1h', '1 h'], ['6h', '6 h'], ['24h', '24 h'], ['7d', '7 d'], ['30d', '30 d']];
const THEMES = [['system', 'System'], ['light', 'Light'], ['dark', 'Dark']];

/** `go(change)` goes to the state with these fields changed. */
export function showBar(host, state, theme, go) {
  const restoreFocus = rememberFocus(host);
  const home = toPath({ ...state, page: 'overview', name: null });
  replace(host,
    el('a', { class: 'brand', href: home, 'data-nav': '', 'data-test-home': '' }, 'tidemark'),
    presets(state, go),
    rangeForm(state, go),
    el('div', { class: 'bar-end' },
      el('button', { type: 'button', class: 'plain', 'data-test-zone': state.zone, 'aria-label': `Times in ${zoneLabel(state)}. Change.`, click: () => go({ zone: state.zone === 'utc' ? 'local' : 'utc' }) }, zoneLabel(state)),
      select('Theme', THEMES, theme, (value) => go({ theme: value }), 'theme')));
  restoreFocus();
}

function zoneLabel(state) {
  return state.zone === 'utc' ? 'UTC' : 'local time';
}

function presets(state, go) {
  const chosen = state.until ? null : (state.since ?? '');
  return el('div', { class: 'presets', role: 'group', 'aria-label': 'Time range' }, ...PRESETS.map(([value, word]) =>
    el('button', { type: 'button', class: 'plain', 'aria-pressed': String(chosen === value), 'data-test-preset': value || 'default', click: () => go({ since: value || null, until: null }) }, word)));
}

function rangeForm(state, go) {
  const since = input('since', 'From', state.since);
  const until = input('until', 'To', state.until);
  const submit = (event) => {
    event.preventDefault();
    go({ since: since.value.trim() || null, until: until.value.trim() || null });
  };
  return el('form', { class: 'range', submit, 'data-test-range': '' },
    el('label', {}, 'from ', since), el('label', {}, 'to ', until),
    el('button', { type: 'submit' }, 'Go'));
}

function input(name, label, value) {
  const hint = name === 'since' ? '6h or a date' : 'now';
  return el('input', { name, 'aria-label': label, value: value ?? '', placeholder: hint, size: '20', maxlength: '40', autocomplete: 'off', spellcheck: 'false' });
}

function select(label, options, chosen, change, name) {
  return el('select', { 'aria-label': label, [`data-test-${name}`]: '', change: (event) => change(event.target.value) },
    ...options.map(([value, word]) => el('option', { value, selected: value === chosen ? '' : null }, word)));
}
