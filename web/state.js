// Page state <-> URL. Whatever a reader can choose stands in the address, so that back undoes it and a link shares it.
// Pure: nothing here reads the location or changes it.

const FILTERS = ['category2', 'undecided', 'category1', 'quiet'];
const ZONES = ['utc', 'local'];
const THEMES = ['system', 'light', 'dark'];

/** The longest time expression that is passed on; longer ones are no time. */
const TIME_CHARS_MAX = 40;

/** The state that an address (path, query, without host) stands for. What is not understood is left at its default. */
export function parseState(path) {
  const url = new URL(path, 'http://page.invalid');
  const query = url.searchParams;
  return {
    ...parsePage(url.pathname),
    since: parseTime(query.get('since')),
    until: parseTime(query.get('until')),
    filter: oneOf(FILTERS, query.get('filter'), null),
    zone: oneOf(ZONES, query.get('zone'), 'utc'),
    theme: oneOf(THEMES, query.get('theme'), null),
  };
}

/** The address of a state; defaults do not stand in it. */
export function toPath(state) {
  const query = new URLSearchParams();
  for (const key of ['since', 'until', 'filter', 'theme']) {
    if (state[key]) query.set(key, state[key]);
  }
  if (state.zone === 'local') query.set('zone', 'local');
  if (state.page === 'integration') query.delete('filter');
  const path = state.page === 'integration' ? `/i/${encodeURIComponent(state.name)}` : '/';
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** What the API is asked with: the range only, and nothing where the server shall choose. */
export function rangeOf(state) {
  const range = {};
  if (state.since) range.since = state.since;
  if (state.until) range.until = state.until;
  return range;
}

function parsePage(pathname) {
  const match = /^\/i\/(.+)$/.exec(pathname);
  if (!match) return { page: 'overview', name: null };
  try {
    return { page: 'integration', name: decodeURIComponent(match[1]) };
  } catch {
    // A lone percent sign is a legal name that nobody encoded.
    return { page: 'integration', name: match[1] };
  }
}

function parseTime(text) {
  const trimmed = (text ?? '').trim();
  return trimmed && trimmed.length <= TIME_CHARS_MAX ? trimmed : null;
}

function oneOf(known, value, fallback) {
  return known.includes(value) ? value : fallback;
}
