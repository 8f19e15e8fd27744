// The address says everything that a reader chose, and nothing that was not chosen.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseState, rangeOf, toPath } from '../state.js';

function check(path) {
  assert.equal(toPath(parseState(path)), path);
}

test('addresses come back as they were', () => {
  check('/');
  check('/?since=6h&filter=category2&theme=dark');
  check('/i/payments?since=2026-11-22T05%3A00%3A00Z&until=now&zone=local');
  check('/i/a%2Fb%20%25');
});

test('what is not understood is left at its default', () => {
  const state = parseState('/?filter=all&zone=mars&theme=pink&since=%20');
  assert.deepEqual(state, { page: 'overview', name: null, since: null, until: null, filter: null, zone: 'utc', theme: null });
  assert.equal(parseState(`/?since=${'9'.repeat(99)}`).since, null);
  assert.equal(parseState('/i/%').name, '%');
});

test('the server is asked with the range only', () => {
  assert.deepEqual(rangeOf(parseState('/?since=6h&filter=quiet')), { since: '6h' });
  assert.deepEqual(rangeOf(parseState('/')), {});
});
