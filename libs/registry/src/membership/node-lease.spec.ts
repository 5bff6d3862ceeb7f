import { sleep } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';
import { DEFAULT_LEASE } from './lease-times.ts';
import { NodeLease } from './node-lease.ts';
import type { NodeEntry } from './node-storage.ts';

const { leaseMs, marginMs } = DEFAULT_LEASE;
const HOLDS_MS = leaseMs - marginMs;
const RENEW_MS = leaseMs / 3;

describe('NodeLease', () => {
  it('holds from its first renewal on', async () => {
    const { lease, runtime } = leased();
    expect(lease.holds).toBe(false);

    await lease.join();
    await runtime.advance(60_000);

    expect(lease.holds).toBe(true);
  });

  it('holds for lease - margin, counted from before the renewal was sent', async () => {
    const { lease, runtime, table } = leased();
    table.takesMs = 400;
    const joined = lease.join();
    await runtime.advance(400);
    await joined;
    table.isDown = true;

    await runtime.advance(HOLDS_MS - 400 - 1);
    expect(lease.holds).toBe(true);

    await runtime.advance(1);
    expect(lease.holds).toBe(false);
  });

  it('survives two failed renewals, and reports them', async () => {
    const { lease, runtime, table, told } = leased();
    await lease.join();
    table.isDown = true;
    await runtime.advance(2 * RENEW_MS);
    table.isDown = false;

    expect(lease.holds).toBe(true);
    await runtime.advance(RENEW_MS);

    expect(lease.holds).toBe(true);
    expect(told).toEqual(['late, holds: false', 'missed', 'missed', 'late, holds: false']);
  });

  it('ends when the wall clock jumps forwards, since the monotonic clock may have slept', async () => {
    const { lease, runtime, wall } = leased();
    await lease.join();
    await runtime.advance(RENEW_MS / 2);

    wall.aheadMs = 60_000;

    expect(lease.holds).toBe(false);
  });

  it('ignores a wall clock that is set back', async () => {
    const { lease, wall } = leased();
    await lease.join();

    wall.aheadMs = -60_000;

    expect(lease.holds).toBe(true);
  });

  it('reports a late renewal before it holds again; the first renewal is late', async () => {
    const { lease, runtime, table, told } = leased();
    await lease.join();
    expect(told.splice(0)).toEqual(['late, holds: false']);
    table.takesMs = HOLDS_MS;

    await runtime.advance(RENEW_MS + HOLDS_MS);

    expect(told).toEqual(['late, holds: false']);
  });

  it('does not renew while its node is not well', async () => {
    const { lease, runtime, table, node } = leased();
    await lease.join();

    node.isWell = false;
    await runtime.advance(HOLDS_MS);
    expect(lease.holds).toBe(false);
    expect(table.beats).toHaveLength(1);
    node.isWell = true;
    await runtime.advance(RENEW_MS);

    expect(lease.holds).toBe(true);
  });

  it('sends no renewal while another one is pending', async () => {
    const { lease, runtime, table } = leased();
    await lease.join();
    table.takesMs = 10 * leaseMs;

    await runtime.advance(9 * leaseMs);

    expect(table.beats).toHaveLength(2);
  });

  it('publishes at once that it drains, after a pending renewal', async () => {
    const { lease, runtime, table } = leased();
    await lease.join();
    table.takesMs = 100;
    await runtime.advance(RENEW_MS);

    const drained = lease.drain();
    await runtime.advance(200);
    await drained;

    expect(table.beats.map(({ draining }) => draining)).toEqual([false, false, true]);
    expect(lease.holds).toBe(true);
  });

  it('does not hold after leave, and renews no more', async () => {
    const { lease, runtime, table } = leased();
    await lease.join();

    const left = lease.leave();
    expect(lease.holds).toBe(false);
    await left;
    await runtime.advance(60_000);

    expect(table.beats).toHaveLength(1);
    expect(table.removed).toEqual(['a']);
  });

  it('leaves after a pending renewal, which would insert its row again', async () => {
    const { lease, runtime, table } = leased();
    await lease.join();
    table.takesMs = 100;
    await runtime.advance(RENEW_MS);

    const left = lease.leave();
    await runtime.advance(50);
    expect(table.removed).toEqual([]);
    await runtime.advance(50);
    await left;

    expect(table.removed).toEqual(['a']);
    expect(lease.holds).toBe(false);
  });
});

/** A fake table of leases, whose calls can be slow or fail. */
class Table {
  takesMs = 0;
  isDown = false;
  readonly beats: NodeEntry[] = [];
  readonly removed: string[] = [];

  constructor(private readonly runtime: VirtualRuntime) {}

  async beat(node: NodeEntry): Promise<void> {
    if (this.isDown) throw new Error('away');
    this.beats.push(node);
    if (this.takesMs > 0) await sleep(this.runtime, this.takesMs);
  }

  async remove(incarnation: string): Promise<void> {
    this.removed.push(incarnation);
  }
}

function leased() {
  const runtime = new VirtualRuntime();
  const table = new Table(runtime);
  const wall = { aheadMs: 0 };
  const node = { isWell: true };
  const told: string[] = [];
  const { clock, timers, random } = runtime;
  const lease: NodeLease = new NodeLease({
    storage: table, times: DEFAULT_LEASE, incarnation: 'a', queue: 'queue-a',
    runtime: {
      timers, random,
      clock: { ...clock, nowMs: () => clock.nowMs() + wall.aheadMs },
      defer: (run) => runtime.defer(run),
    },
    isWell: () => node.isWell,
    onLate: () => told.push(`late, holds: ${lease.holds}`),
    onMissed: () => told.push('missed'),
  });
  return { runtime, table, wall, node, told, lease };
}
