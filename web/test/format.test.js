// Counts and shares stand together, unknown is not zero, and nothing in a log's text is invisible.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as format from '../format.js';

function checker(call) {
  return (input, expected) => assert.equal(call(input), expected);
}

test('shares', () => {
  const check = checker(format.formatPercent);
  check(0, '0 %');
  check(0.078, '7.8 %');
  check(0.0004, '0.04 %');
  check(0.00001, '< 0.01 %');
  check(1, '100 %');
  check(null, '–');
  assert.equal(format.formatPartOf(312, 4020), '312 of 4,020 (7.8 %)');
  assert.equal(format.formatPartOf(0, 0), '0 of 0');
});

test('counts, factors and durations', () => {
  checker(format.formatCount)(1234567, '1,234,567');
  checker(format.formatCount)(undefined, '–');
  checker(format.formatFactor)(13.04, '13×');
  checker(format.formatDuration)(21900, '6 h 5 min');
  checker(format.formatMillis)(8412, '8.4 s');
  const rise = { rise_factor: 13, rise_low: 9.84, rise_high: 17.2 };
  assert.equal(format.formatRise(rise), '13× (9.8× to 17×)');
});

test('times carry their zone', () => {
  assert.equal(format.formatTime('2026-11-22T05:00:00Z', 'utc'), '2026-11-22 05:00 UTC');
  assert.equal(format.formatClock('2026-11-22T05:00:09Z', 'utc'), '2026-11-22 05:00:09');
  assert.equal(format.formatTime(null, 'utc'), '–');
  const interval = format.formatInterval('2026-11-22T04:56:00Z', '2026-11-22T05:03:00Z', 'utc');
  assert.equal(interval, '2026-11-22 04:56 to 05:03 UTC');
  assert.equal(format.zoneName(330), 'UTC+05:30');
  assert.equal(format.zoneName(-60), 'UTC−01:00');
});

test('nothing is invisible', () => {
  assert.equal(format.visible('a\u0000\u202eb\r\nc'), 'a⟨U+0000⟩⟨U+202E⟩b\nc');
  assert.equal(format.visible('größe Ошибка ‹token:k1:a›'), 'größe Ошибка ‹token:k1:a›');
});

test('headers become lines from any form', () => {
  const check = checker(format.headerLines);
  check('[["a","1"],["b","2"]]', 'a: 1\nb: 2');
  check('[{"name":"a","value":"1"}]', 'a: 1');
  check('{"a":"1"}', 'a: 1');
  check('a: 1', 'a: 1');
  check('[1]', '[1]');
  check(null, '');
});
