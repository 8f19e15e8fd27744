// All integrations: which of them needs a person, and why.

import { listIntegrations } from '../api.js';
import { el, replace, svg, table } from '../dom.js';
import { formatClock, formatCount, formatPartOf, formatPercent, formatRise, formatTime } from '../format.js';
import { readSpark, stepPath } from '../spark.js';
import { rangeOf, toPath } from '../state.js';
import { KINDS, compareIntegrations, countKinds, isSilent, kindOf, reasonWord, seriesName, className, wordsOf } from '../verdict.js';

const SPARK = { width: 132, height: 26 };

export function load(state, signal) {
  return listIntegrations(rangeOf(state), signal);
}

export function show(main, data, { state, go }) {
  document.title = 'tidemark: overview';
  const all = isSilent(data.integrations) ? [] : [...data.integrations].sort(compareIntegrations);
  const rows = all.filter((row) => !state.filter || kindOf(row.headline) === state.filter);
  replace(main,
    heading(data, state),
    all.length > 0 ? tiles(all, state, go) : null,
    rows.length > 0 ? list(rows, all, state) : empty(data, all, state, go));
}

function heading(data, state) {
  const { since, until } = data.range ?? {};
  const parts = [`${formatTime(since, state.zone)} to ${formatTime(until, state.zone)}`];
  if (data.watermark) parts.push(`data complete up to ${formatTime(data.watermark, state.zone)}`);
  return el('div', { class: 'heading' }, el('h1', {}, 'Integrations'),
    el('p', { class: 'quiet-text', 'data-test-range-shown': '' }, parts.join(' · ')));
}

function tiles(all, state, go) {
  const counts = countKinds(all);
  return el('div', { class: 'tiles', role: 'group', 'aria-label': 'Show only' }, ...KINDS.map((kind) => {
    const { word, icon, says } = wordsOf(kind);
    const pressed = state.filter === kind;
    return el('button', { type: 'button', class: `tile ${kind}`, 'aria-pressed': String(pressed), 'data-test-tile': kind, click: () => go({ filter: pressed ? null : kind }) },
      el('span', { class: 'tile-count' }, counts[kind]),
      el('span', { class: 'tile-word' }, el('span', { class: 'icon', 'aria-hidden': 'true' }, icon), ` ${word}`),
      el('span', { class: 'tile-says' }, says));
  }));
}

function list(rows, all, state) {
  const zone = state.zone === 'utc' ? 'UTC' : 'local';
  const columns = [
    { title: 'Integration', class: 'name', cell: (row) => nameCell(row, state) },
    { title: 'Verdict', cell: (row) => verdictCell(row) },
    { title: 'Trend', wide: true, cell: (row) => spark(row) },
    { title: '5xx', number: true, cell: (row) => rate(row.rate_5xx, row.counts.server_errors, row.counts.requests) },
    { title: '429', number: true, cell: (row) => rate(row.rate_429, row.counts.throttled, row.counts.requests) },
    { title: 'No answer', number: true, wide: true, cell: (row) => rate(row.rate_no_response, row.counts.no_response, row.counts.requests) },
    { title: 'Calls', number: true, wide: true, cell: (row) => formatCount(row.counts.requests) },
    { title: `Last failure (${zone})`, wide: true, cell: (row) => formatClock(readSpark(row.spark ?? []).lastFailure, state.zone) },
    { title: `Since (${zone})`, wide: true, cell: (row) => formatClock(row.headline.onset, state.zone) },
  ];
  const shown = table({
    name: 'integrations',
    caption: `${captionOf(rows, all, state)}, what needs a person first`,
    columns,
    rows,
    mark: (row) => ({ 'data-test-integration': row.integration, class: kindOf(row.headline) }),
  });
  addSecondLines(shown, rows, columns.length, state);
  return shown;
}

function captionOf(rows, all, state) {
  if (!state.filter) return `${all.length} integrations`;
  return `${rows.length} of ${all.length} integrations: ${wordsOf(state.filter).word}`;
}

/** A second line only where something is to be done. */
function addSecondLines(shown, rows, width, state) {
  const lines = [...shown.querySelectorAll('tbody tr')];
  rows.forEach((row, i) => {
    const kind = kindOf(row.headline);
    if (kind !== 'category2' && kind !== 'undecided') return;
    lines[i].classList.add('has-more');
    lines[i].after(el('tr', { class: `more ${kind}`, 'data-test-todo': row.integration },
      el('td', { colspan: width }, ...todo(row.headline, kind, state))));
  });
}

function todo(verdict, kind, state) {
  if (kind === 'undecided') return [verdict.action || verdict.why?.[0] || 'Too little data to say.'];
  const parts = [el('code', {}, seriesName(verdict.series)), ` ${className(verdict.series.class)}: ${formatPartOf(verdict.failures, verdict.requests)}`];
  if (Number.isFinite(verdict.baseline_rate)) parts.push(`, usually ${formatPercent(verdict.baseline_rate)}`);
  if (Number.isFinite(verdict.rise_factor)) parts.push(`, ${formatRise(verdict)}`);
  if (verdict.onset) parts.push(`, since ${formatTime(verdict.onset, state.zone)}`);
  if (verdict.end) parts.push(`, ended ${formatTime(verdict.end, state.zone)}`);
  if (verdict.action) parts.push('. ', el('span', { class: 'action' }, verdict.action));
  return parts;
}

function nameCell(row, state) {
  const href = toPath({ ...state, page: 'integration', name: row.integration });
  return el('a', { href, 'data-nav': '', 'data-test-open': row.integration }, row.integration);
}

function verdictCell(row) {
  const kind = kindOf(row.headline);
  const { word, icon } = wordsOf(kind);
  const ended = row.headline.state === 'ended' && kind === 'category2' ? ', ended' : '';
  return [
    el('span', { class: `badge ${kind}` }, el('span', { class: 'icon', 'aria-hidden': 'true' }, icon), ` ${word}`),
    kind === 'quiet' ? null : el('span', { class: 'sub' }, reasonWord(row.headline.reason) + ended),
  ];
}

function rate(value, part, whole) {
  return [formatPercent(value), el('span', { class: 'sub' }, `${formatCount(part)} of ${formatCount(whole)}`)];
}

function spark(row) {
  const whole = !row.headline.series.operation && ['5xx', '429', 'no_response'].includes(row.headline.series.class);
  const baseline = whole ? row.headline.baseline_rate : null;
  const { s5xx, s429, none, top } = readSpark(row.spark ?? [], baseline);
  const { width, height } = SPARK;
  const y = height - Math.min((baseline ?? 0) / top, 1) * height;
  const unanswered = none.some((share) => share > 0);
  const highest = (shares) => formatPercent(Math.max(0, ...shares));
  return svg('svg', { class: 'spark', width, height: height + 2, viewBox: `0 -1 ${width} ${height + 2}`, role: 'img', 'aria-label': `5xx up to ${highest(s5xx)}, 429 up to ${highest(s429)}, no answer up to ${highest(none)}` },
    svg('path', { class: 'spark-floor', d: `M0 ${height}H${width}` }),
    baseline ? svg('path', { class: 'spark-base', d: `M0 ${y}H${width}` }) : null,
    svg('path', { class: 'spark-429', d: stepPath(s429, width, height, top) }),
    svg('path', { class: 'spark-5xx', d: stepPath(s5xx, width, height, top) }),
    unanswered ? svg('path', { class: 'spark-none', d: stepPath(none, width, height, top) }) : null);
}

/** Three ways of having nothing, and each says what to do. */
function empty(data, all, state, go) {
  if (all.length > 0) {
    const { word } = wordsOf(state.filter);
    return note('filtered', `No integration is ${word}`, 'in this range.',
      el('button', { type: 'button', click: () => go({ filter: null }) }, 'Show all'));
  }
  if (!data.watermark) {
    return note('first-run', 'No data yet', 'Give tidemark a log, or look at the bundled example:',
      el('pre', {}, 'tidemark ingest access.log\ntidemark demo'));
  }
  const until = data.watermark;
  const since = new Date(Date.parse(until) - 6 * 3600000).toISOString().replace('.000Z', 'Z');
  return note('no-data-since', `No data since ${formatTime(until, state.zone)}`, 'This range lies where no data are.',
    el('button', { type: 'button', click: () => go({ since, until }) }, 'Show the six hours before that'));
}

function note(name, title, text, ...more) {
  return el('div', { class: 'empty', 'data-test-empty': name }, el('h2', {}, title), el('p', {}, text), ...more);
}
