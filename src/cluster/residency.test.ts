import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Residency, type ResidencyHost } from './residency.ts';

const granules = 64;
const block = 7;

/** A host whose clock and tags the test moves. */
class Host implements ResidencyHost {
  time = 0;
  sum = 0;
  working = true;
  ended: [number, number][] = [];
  due: { at: number; action: () => void } | undefined;

  now = (): number => this.time;
  tags = (): number => this.sum;
  busy = (): boolean => this.working;
  over = (...part: [number, number]): void => {
    this.ended.push(part);
  };
  after = (ms: number, action: () => void): (() => void) => {
    assert.equal(this.due, undefined);
    const timer = { at: this.time + ms, action };
    this.due = timer;
    return () => {
      if (this.due === timer) this.due = undefined;
    };
  };

  /** So many store-exclusives. */
  store(times: number): void {
    this.sum = (this.sum + 2 * times) | 0;
  }

  /** Until the timer; false when there is none. */
  wait(): boolean {
    const { due } = this;
    if (due === undefined) return false;
    this.due = undefined;
    this.time = due.at;
    due.action();
    return true;
  }
}

/** A node whose part has come, and was worked on by exclusives in the visit before. */
function setUp(storesBefore = 100): { host: Host; residency: Residency } {
  const host = new Host();
  const residency = new Residency(host, granules);
  assert.equal(residency.keep(block, 0, granules, true), false, 'nothing is known of the first visit');
  visit(host, residency);
  if (storesBefore > 0) {
    host.store(storesBefore);
    host.time += 5;
    assert.equal(residency.keep(block, 0, granules, false), false, 'it was here for long');
    visit(host, residency);
  }
  return { host, residency };
}

/** The part leaves, and comes back later. */
function visit(host: Host, residency: Residency): void {
  host.store(3); // What the handshake adds.
  residency.left(block, 0, granules);
  host.time += 10;
  residency.came(block, 0);
}

test('a part that exclusives work on stays for a millisecond from its grant', () => {
  const { host, residency } = setUp();
  host.time += 0.25;
  host.store(20);
  assert.equal(residency.keep(block, 0, granules, false), true);
  assert.ok(residency.active);
  host.store(300);
  const since = host.time;
  assert.ok(host.wait());
  assert.equal(host.time - since, 0.75);
  assert.deepEqual(host.ended, [[block, 0]]);
  assert.equal(residency.active, false);
  assert.equal(host.wait(), false);
});

test('it stays from its first access when the other node had to wait for that', () => {
  const { host, residency } = setUp();
  host.time += 40;
  host.store(1);
  assert.equal(residency.keep(block, 0, granules, true), true);
});

test('a part is not kept, nor kept on, for threads that all wait', () => {
  const { host, residency } = setUp();
  host.store(20);
  host.working = false;
  assert.equal(residency.keep(block, 0, granules, true), false);
  host.working = true;
  assert.equal(residency.keep(block, 0, granules, true), true);
  host.store(1);
  host.working = false;
  assert.ok(host.wait());
  assert.equal(host.wait(), false);
  assert.deepEqual(host.ended, [[block, 0]]);
});

test('a part on which no exclusive was made leaves at once', () => {
  const { residency } = setUp();
  assert.equal(residency.keep(block, 0, granules, true), false);
});

test('a node without a processor gets longer, within the bound', () => {
  const { host, residency } = setUp();
  host.store(1);
  assert.equal(residency.keep(block, 0, granules, true), true);
  const since = host.time;
  while (host.wait()) host.store(1);
  assert.equal(host.time - since, 15);
  assert.equal(host.ended.length, 1);
});

test('one exclusive a visit is tried less and less often', () => {
  const { host, residency } = setUp(0);
  const kept: number[] = [];
  for (let demand = 0; demand < 200; demand++) {
    host.store(1);
    if (residency.keep(block, 0, granules, true)) {
      kept.push(demand);
      const since = host.time;
      assert.ok(host.wait());
      assert.equal(host.time - since, 1, 'a try is not prolonged');
    }
    visit(host, residency);
  }
  assert.deepEqual(kept, [0, 17, 50, 115]);
});

test('switched off, nothing is kept', () => {
  const host = new Host();
  const residency = new Residency(host, granules, false);
  for (let demand = 0; demand < 3; demand++) {
    host.store(100);
    assert.equal(residency.keep(block, 0, granules, true), false);
    visit(host, residency);
  }
});

test('it ends when nothing here runs, and a part that was split is a new one', () => {
  const { host, residency } = setUp();
  host.store(50);
  assert.equal(residency.keep(block, 0, 16, true), false, 'a quarter of it');
  assert.equal(residency.keep(block, 0, granules, true), true);
  residency.unused();
  assert.deepEqual(host.ended, [[block, 0]]);
  assert.equal(host.due, undefined);
});
