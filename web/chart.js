// The server's chart in the page, and a thin layer over it: a crosshair with the values of one step, by pointer and
// by arrow keys.

import { fetchChart } from './api.js';
import { el, parseSvg, replace, svg } from './dom.js';
import { readPlot, sumStep, timeAt } from './plot.js';
import { formatPartOf, formatTime, formatCount } from './format.js';

const HEIGHT_WIDE = 380;
const HEIGHT_NARROW = 340;
const NARROW = 560;

/** Draws into `host`. `rows` are the windows of the trend, for the values under the crosshair. */
export async function showChart(host, { name, range, rows, zone, theme, signal }) {
  const width = Math.max(280, Math.round(host.clientWidth / 10) * 10);
  const height = width < NARROW ? HEIGHT_NARROW : HEIGHT_WIDE;
  host.style.minHeight = `${height + 28}px`;
  const params = { integration: name, width, height, ...range, ...(theme && { theme }) };
  const picture = parseSvg(await fetchChart(params, signal));
  if (!picture) return;
  const values = el('output', { class: 'chart-values', 'aria-live': 'polite', 'data-test-chart-values': '' }, HINT);
  const frame = el('div', {
    class: 'chart-frame',
    tabindex: '0',
    role: 'group',
    'aria-label': 'Trend. Left and right arrow keys read the values.',
    'data-test-chart': '',
  }, picture);
  replace(host, frame, values);
  addCrosshair(frame, picture, values, rows, zone);
}

const HINT = 'Point at the chart, or use the arrow keys, to read its values.';

function addCrosshair(frame, picture, values, rows, zone) {
  const plot = readPlot(picture.dataset);
  if (!plot) return;
  const line = svg('line', { class: 'crosshair', y1: plot.top, y2: plot.bottom, visibility: 'hidden' });
  // The sheet takes the pointer, so that the picture's own title does not pop up over the values.
  const sheet = svg('rect', { width: '100%', height: '100%', fill: 'transparent' });
  picture.append(line, sheet);
  let at = null;
  const show = (time) => {
    const step = sumStep(rows, time, plot.stepS);
    at = step.start;
    const middle = step.start + (plot.stepS * 1000) / 2;
    const x = plot.left + ((middle - plot.since) / (plot.until - plot.since)) * (plot.right - plot.left);
    line.setAttribute('x1', x);
    line.setAttribute('x2', x);
    line.setAttribute('visibility', x >= plot.left && x <= plot.right ? 'visible' : 'hidden');
    replace(values, sentence(step, zone));
  };
  sheet.addEventListener('pointermove', (event) => {
    const box = picture.getBoundingClientRect();
    show(timeAt(plot, ((event.clientX - box.left) / box.width) * picture.viewBox.baseVal.width));
  });
  frame.addEventListener('keydown', (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const next = at === null ? plot.until - plot.stepS * 1000 : at + way * plot.stepS * 1000;
    show(Math.min(Math.max(next, plot.since), plot.until - 1));
  });
}

function sentence(step, zone) {
  const time = formatTime(new Date(step.start).toISOString(), zone);
  if (step.requests === 0) return `${time}: no calls`;
  const part = (name, count) => `, ${name} ${formatPartOf(count, step.requests)}`;
  const unanswered = step.no_response > 0 ? part('no answer', step.no_response) : '';
  return `${time}: ${formatCount(step.requests)} calls${part('5xx', step.server_errors)}${part('429', step.throttled)}${unanswered}`;
}
