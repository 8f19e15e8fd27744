// One integration: the verdict with its reasons, the trend, where it fails, what the errors say, and the proof.

import { findIntegration, reportPath } from '../api.js';
import { showChart } from '../chart.js';
import { el, replace, table } from '../dom.js';
import { formatClock, formatCount, formatDuration, formatFactor, formatInterval, formatMillis, formatPartOf, formatPercent, formatRise, formatTime, share } from '../format.js';
import { rangeOf, toPath } from '../state.js';
import { className, kindOf, reasonWord, seriesName, wordsOf } from '../verdict.js';
import { showSamples } from './samples.js';

export function load(state, signal) {
  return findIntegration(state.name, rangeOf(state), signal);
}

export async function show(main, data, { state, theme, signal }) {
  document.title = `${wordsOf(kindOf(data.headline)).word}: ${data.integration} – tidemark`;
  const chart = el('div', { class: 'chart-host' });
  replace(main,
    heading(data, state),
    verdictCard(data.headline, state),
    data.episodes.length > 1 ? section('episodes', 'Episodes in the range', episodes(data, state)) : null,
    section('trend', 'Trend', chart, trendTable(data, state)),
    section('operations', 'Operations', operations(data)),
    section('errors', 'Errors', errors(data, state)),
    section('samples', 'Requests and responses', ...showSamples(data.samples, state.zone)));
  const range = { since: data.range.since, until: data.range.until };
  try {
    await showChart(chart, { name: data.integration, range, rows: data.trend, zone: state.zone, theme, signal });
  } catch (error) {
    if (signal.aborted) return;
    // The page is of use without its picture.
    replace(chart, el('p', { role: 'alert', 'data-test-chart-error': '' }, `The chart could not be loaded: ${error.message}`));
  }
}

function heading(data, state) {
  const range = rangeOf(state);
  const times = `${formatTime(data.range.since, state.zone)} to ${formatTime(data.range.until, state.zone)}`;
  return el('div', { class: 'heading' },
    el('nav', { 'aria-label': 'Breadcrumb' }, el('a', { href: toPath({ ...state, page: 'overview', name: null }), 'data-nav': '' }, 'Integrations'), ' / '),
    el('h1', {}, data.integration),
    el('p', { class: 'quiet-text', 'data-test-range-shown': '' }, `${times} · last event ${formatTime(data.last_event, state.zone)}`),
    el('p', { class: 'exports' }, 'Evidence report',
      el('a', { href: reportPath(data.integration, 'html', range), 'data-test-export': 'html' }, 'HTML'),
      el('a', { href: reportPath(data.integration, 'md', range), 'data-test-export': 'md' }, 'Markdown')));
}

function verdictCard(verdict, state) {
  const kind = kindOf(verdict);
  const { word, icon, says } = wordsOf(kind);
  return el('section', { class: `card ${kind}`, 'aria-labelledby': 'verdict', 'data-test-verdict': kind },
    el('h2', { id: 'verdict' }, el('span', { class: 'icon', 'aria-hidden': 'true' }, icon), ` ${word}: ${kind === 'quiet' ? says : reasonWord(verdict.reason)}`),
    el('div', { class: 'card-columns' },
      el('div', {},
        block('Why', el('ul', { 'data-test-why': '' }, ...(verdict.why ?? []).map((line) => el('li', {}, line)))),
        verdict.action ? block('What to do', el('p', { 'data-test-action': '' }, verdict.action)) : null,
        verdict.clears_when ? block('What would change this verdict', el('p', { 'data-test-clears': '' }, verdict.clears_when)) : null),
      el('dl', { class: 'facts' }, ...facts(verdict, state))));
}

function block(title, content) {
  return [el('h3', {}, title), content];
}

function facts(verdict, state) {
  const time = (iso) => formatTime(iso, state.zone);
  const isCase = kindOf(verdict) === 'category2';
  const list = [
    ['Series', el('code', {}, `${seriesName(verdict.series)} · ${className(verdict.series.class)}`)],
    [isCase ? 'Failures since it began' : 'Failures in the hours judged', formatPartOf(verdict.failures, verdict.requests)],
    ['Usual', formatPercent(verdict.baseline_rate)],
    [isCase && verdict.end ? 'While it lasted' : 'Now', formatPercent(verdict.current_rate)],
    ['Rise (95 % interval)', formatRise(verdict)],
  ];
  if (verdict.onset) {
    const low = verdict.onset_low && verdict.onset_high;
    list.push([isCase ? 'Began' : 'Latest burst began', time(verdict.onset)]);
    if (low) list.push(['95 % interval', formatInterval(verdict.onset_low, verdict.onset_high, state.zone)]);
    list.push(['Goes on', verdict.end ? `ended ${time(verdict.end)}, after ${formatDuration((Date.parse(verdict.end) - Date.parse(verdict.onset)) / 1000)}` : 'still going on']);
  }
  list.push(['Healed on retry', verdict.retry_success?.tried > 0 ? formatPartOf(verdict.retry_success.healed, verdict.retry_success.tried) : 'no retry known']);
  list.push(['Complete up to', time(verdict.watermark)]);
  return list.map(([label, value]) => el('div', {}, el('dt', {}, label), el('dd', {}, value)));
}

/** Every Category 2 episode of the range, the one told above among them. */
function episodes(data, state) {
  const zone = state.zone === 'utc' ? 'UTC' : 'local';
  return table({
    name: 'episodes',
    caption: `${formatCount(data.episodes.length)} Category 2 episodes, the latest first`,
    columns: [
      { title: `Began (${zone})`, class: 'time', cell: (row) => formatClock(row.onset, state.zone) },
      { title: `Ended (${zone})`, class: 'time', cell: (row) => (row.end ? formatClock(row.end, state.zone) : 'still going on') },
      { title: 'Series', cell: (row) => el('code', {}, `${seriesName(row.series)} · ${className(row.series.class)}`) },
      { title: 'Reason', wide: true, cell: (row) => reasonWord(row.reason) },
      { title: 'Failures', number: true, cell: (row) => formatPartOf(row.failures, row.requests) },
      { title: 'Rise', number: true, wide: true, cell: (row) => formatFactor(row.rise_factor) },
    ],
    rows: [...data.episodes].reverse(),
  });
}

function section(id, title, ...content) {
  return el('section', { 'aria-labelledby': id, [`data-test-section-${id}`]: '' }, el('h2', { id }, title), ...content);
}

/** The numbers behind the chart, for those who read rather than look. */
function trendTable(data, state) {
  const rows = data.trend.filter((row) => row.requests > 0);
  const details = el('details', { class: 'data-table' }, el('summary', {}, `The numbers (${formatCount(rows.length)} windows with calls)`));
  // Thousands of rows are made only when somebody opens them.
  details.addEventListener('toggle', () => {
    if (!details.open || details.children.length > 1) return;
    details.append(table({
      name: 'trend',
      caption: `The last ${formatCount(Math.min(rows.length, TREND_ROWS_MAX))} windows with calls`,
      columns: [
        { title: `From (${state.zone === 'utc' ? 'UTC' : 'local'})`, cell: (row) => formatClock(row.window_start, state.zone) },
        { title: 'Calls', number: true, cell: (row) => formatCount(row.requests) },
        { title: '5xx', number: true, cell: (row) => part(row.server_errors, row.requests) },
        { title: '429', number: true, cell: (row) => part(row.throttled, row.requests) },
        { title: 'No answer', number: true, cell: (row) => part(row.no_response, row.requests) },
        { title: 'p95', number: true, cell: (row) => formatMillis(row.duration_p95_ms) },
      ],
      rows: rows.slice(-TREND_ROWS_MAX).reverse(),
    }));
  });
  return details;
}

const TREND_ROWS_MAX = 500;

function operations(data) {
  if (data.operations.length === 0) return el('p', { class: 'quiet-text' }, 'No operation was called in this range.');
  const verdicts = new Map();
  for (const verdict of [...data.episodes, ...data.verdicts]) {
    const { operation } = verdict.series;
    if (operation && !(kindOf(verdicts.get(operation) ?? { reason: 'quiet' }) !== 'quiet')) verdicts.set(operation, verdict);
  }
  const failures = (row) => row.server_errors + row.throttled + row.no_response;
  const word = (row) => verdicts.has(row.operation) && wordsOf(kindOf(verdicts.get(row.operation)));
  return table({
    name: 'operations',
    caption: 'Totals in the range, most failures first',
    columns: [
      { title: 'Operation', cell: (row) => el('code', {}, row.operation) },
      { title: 'Calls', number: true, cell: (row) => formatCount(row.requests) },
      { title: '5xx', number: true, cell: (row) => part(row.server_errors, row.requests) },
      { title: '429', number: true, cell: (row) => part(row.throttled, row.requests) },
      { title: 'No answer', number: true, wide: true, cell: (row) => part(row.no_response, row.requests) },
      { title: 'Usual', number: true, wide: true, cell: (row) => formatPercent(verdicts.get(row.operation)?.baseline_rate) },
      { title: 'Rise', number: true, wide: true, cell: (row) => formatFactor(verdicts.get(row.operation)?.rise_factor) },
      { title: 'p95', number: true, wide: true, cell: (row) => formatMillis(row.duration_p95_ms) },
      { title: 'Verdict', cell: (row) => (word(row) ? [el('span', { class: 'icon', 'aria-hidden': 'true' }, word(row).icon), ` ${word(row).word}`] : '–') },
    ],
    rows: [...data.operations].sort((a, b) => failures(b) - failures(a) || b.requests - a.requests),
  });
}

function errors(data, state) {
  if (data.errors.length === 0) return el('p', { class: 'quiet-text' }, 'No error was seen in this range.');
  const zone = state.zone === 'utc' ? 'UTC' : 'local';
  return table({
    name: 'errors',
    caption: 'Kinds of error, told apart by status, code and the wording of the message',
    columns: [
      { title: 'Error', cell: (row) => [row.new ? el('span', { class: 'new', 'data-test-new': '' }, 'NEW') : null, el('code', {}, errorName(row))] },
      { title: 'Operation', wide: true, class: 'operation', cell: (row) => el('code', {}, row.operation) },
      { title: 'Count', number: true, cell: (row) => formatCount(row.count) },
      { title: 'Share', number: true, wide: true, cell: (row) => formatPercent(row.share) },
      { title: `First seen (${zone})`, wide: true, class: 'time', cell: (row) => formatClock(row.first_seen, state.zone) },
      { title: `Last seen (${zone})`, class: 'time', cell: (row) => formatClock(row.last_seen, state.zone) },
    ],
    rows: data.errors,
  });
}

function errorName(row) {
  return [row.status ?? 'no status', row.error_code, row.template].filter(Boolean).join(' ');
}

function part(count, whole) {
  if (!(whole > 0)) return '–';
  return count > 0 ? [formatCount(count), el('span', { class: 'aside' }, formatPercent(share(count, whole)))] : '0';
}
