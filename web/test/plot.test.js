// The layer over the chart reads the same steps that the chart shows.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readPlot, sumStep, timeAt } from '../plot.js';
import { readSpark, stepPath } from '../spark.js';

const DATA = { left: '50', right: '150', top: '10', bottom: '90', since: '2026-11-22T05:00:00Z', until: '2026-11-22T06:00:00Z', stepS: '120' };

test('a column is an instant inside the range', () => {
  const plot = readPlot(DATA);
  assert.equal(timeAt(plot, 100), Date.parse('2026-11-22T05:30:00Z'));
  assert.equal(timeAt(plot, -5), plot.since);
  assert.equal(timeAt(plot, 999), plot.until - 1);
});

test('a chart without a plot has no crosshair', () => {
  assert.equal(readPlot({}), null);
  assert.equal(readPlot({ ...DATA, until: DATA.since }), null);
});

test('a step sums its windows', () => {
  const at = (minute) => ({ window_start: `2026-11-22T05:0${minute}:00Z`, requests: 10, throttled: 1, server_errors: 2, no_response: 3 });
  const sum = sumStep([at(0), at(1), at(2)], Date.parse('2026-11-22T05:01:30Z'), 120);
  assert.deepEqual(sum, { start: Date.parse('2026-11-22T05:00:00Z'), requests: 20, throttled: 2, server_errors: 4, no_response: 6 });
});

test('a window without calls is a gap in the curve', () => {
  assert.equal(stepPath([0.1, null, 0.1], 30, 10, 0.1), 'M0 0H10M20 0H30');
  assert.equal(stepPath([], 30, 10, 0.1), '');
  const read = readSpark([{ window_start: 'a', requests: 0, throttled: 0, server_errors: 0, no_response: 0 }, { window_start: 'b', requests: 4, throttled: 0, server_errors: 2, no_response: 0 }], null);
  assert.deepEqual(read, { s5xx: [null, 0.5], s429: [null, 0], none: [null, 0], top: 0.5, lastFailure: 'b' });
});

test('a missing answer is a failure', () => {
  const read = readSpark([{ window_start: 'a', requests: 4, throttled: 0, server_errors: 0, no_response: 3 }], null);
  assert.deepEqual([read.none, read.top, read.lastFailure], [[0.75], 0.75, 'a']);
});
