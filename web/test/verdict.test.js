// What needs a person comes first, and undecided is not quiet.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compareIntegrations, countKinds, isSilent, kindOf } from '../verdict.js';

function row(integration, category, reason, more = {}) {
  return { integration, headline: { category, reason, state: 'ongoing', ...more } };
}

test('the reason tells undecided from quiet', () => {
  assert.equal(kindOf({ category: null, reason: 'quiet' }), 'quiet');
  assert.equal(kindOf({ category: null, reason: 'too_little_data' }), 'undecided');
  assert.equal(kindOf({ category: null, reason: 'silent' }), 'undecided');
  assert.equal(kindOf({ category: 2, reason: 'novel' }), 'category2');
});

test('rows are sorted by what needs a person', () => {
  const rows = [
    row('quiet', null, 'quiet'),
    row('ended', 2, 'sustained_rise', { state: 'ended', rise_factor: 90 }),
    row('noise', 1, 'sporadic'),
    row('small', 2, 'sustained_rise', { rise_factor: 2 }),
    row('large', 2, 'sustained_rise', { rise_factor: 20 }),
    row('unsure', null, 'too_little_data'),
  ];
  const names = rows.sort(compareIntegrations).map((r) => r.integration);
  assert.deepEqual(names, ['large', 'small', 'ended', 'unsure', 'noise', 'quiet']);
  assert.deepEqual(countKinds(rows), { category2: 3, undecided: 1, category1: 1, quiet: 1 });
});

test('a range is silent when no integration has a request there', () => {
  const counts = (requests, throttled_local = 0) => ({ counts: { requests, throttled_local } });
  assert.equal(isSilent([counts(0), counts(0)]), true);
  assert.equal(isSilent([counts(0), counts(1)]), false);
  assert.equal(isSilent([counts(0, 3)]), false);
  assert.equal(isSilent([]), true);
});
