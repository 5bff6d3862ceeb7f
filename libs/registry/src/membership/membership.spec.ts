import { VirtualRuntime } from '@aisle/std/testing';
import { DEFAULT_LEASE } from './lease-times.ts';
import type { Membership } from './membership.ts';
import { NodeLease } from './node-lease.ts';
import type { NodeEntry } from './node-storage.ts';
import { Watch, type NodesView } from './watch.ts';

/** The time in which every watch reads at least once. */
const LOOK_MS = DEFAULT_LEASE.leaseMs / 5 + 1;

describe('Membership', () => {
  it('sees a node that joins, and one that leaves', async () => {
    const { runtime, alive, node } = await observed();
    const a = node('a');

    await a.join();
    await runtime.advance(LOOK_MS);
    expect(alive()).toEqual(['a']);

    await a.leave();
    await runtime.advance(LOOK_MS);
    expect(alive()).toEqual([]);
  });

  it('considers a node alive while its beat changes', async () => {
    const { runtime, alive, node } = await observed();
    await node('a').join();

    await runtime.advance(60_000);

    expect(alive()).toEqual(['a']);
  });

  it('considers a node dead when its beat is unchanged for lease and margin, and not before', async () => {
    const { runtime, table, members, alive } = await observed();
    table.beat(A);

    await runtime.advance(1_750);
    expect(alive()).toEqual(['a']);
    expect(members().isDead('a')).toBe(false);

    await runtime.advance(300);
    expect(alive()).toEqual([]);
    expect(members().isDead('a')).toBe(true);
  });

  it('considers no node dead while it cannot read', async () => {
    const { runtime, table, alive } = await observed();
    table.beat(A);
    await runtime.advance(LOOK_MS);

    table.isDown = true;
    await runtime.advance(10_000);
    table.isDown = false;
    await runtime.advance(1_500);
    expect(alive()).toEqual(['a']);

    await runtime.advance(750);
    expect(alive()).toEqual([]);
  });

  it('considers a row of the first reading neither alive nor dead', async () => {
    const table = new Table();
    table.beat(A);
    const { runtime, members, alive } = await observed(table);

    await runtime.advance(1_700);
    expect(alive()).toEqual([]);
    expect(members().isDead('a')).toBe(false);

    table.beat(A);
    await runtime.advance(200);
    expect(alive()).toEqual(['a']);
  });

  it('considers a node without a row dead, since it has left', async () => {
    const { runtime, members } = await observed();
    await runtime.advance(200);

    expect(members().isDead('never-seen')).toBe(true);
  });

  it('sees a paused node return', async () => {
    const { runtime, table, alive } = await observed();
    table.beat(A);
    await runtime.advance(3_000);
    expect(alive()).toEqual([]);

    table.beat(A);
    await runtime.advance(LOOK_MS);
    expect(alive()).toEqual(['a']);
  });
});

const A: NodeEntry = { incarnation: 'a', queue: 'queue-a', draining: false };

class Table {
  isDown = false;
  private readonly rows = new Map<string, { node: NodeEntry; beats: number }>();

  beat(node: NodeEntry): void {
    this.rows.set(node.incarnation, { node, beats: (this.rows.get(node.incarnation)?.beats ?? 0) + 1 });
  }

  remove(incarnation: string): void {
    this.rows.delete(incarnation);
  }

  async view(): Promise<NodesView> {
    if (this.isDown) throw new Error('away');
    const nodes = [...this.rows.values()].map(({ node, beats }) => ({ ...node, beat: String(beats) }));
    return { nodes };
  }
}

async function observed(table = new Table()) {
  const runtime = new VirtualRuntime();
  let seen: Membership | undefined;
  const watch = new Watch({
    storage: table, runtime, times: DEFAULT_LEASE,
    onView: (_view, members) => (seen = members),
    onReadFailed: () => undefined,
  });
  await watch.start();
  const members = (): Membership => seen as Membership;
  return {
    runtime, table, members,
    alive: () => members().alive.map(({ incarnation }) => incarnation),
    node: (incarnation: string) =>
      new NodeLease({
        storage: {
          beat: async (entry) => table.beat(entry),
          remove: async (name) => table.remove(name),
        },
        runtime, times: DEFAULT_LEASE, incarnation, queue: `queue-${incarnation}`,
        isWell: () => true, onLate: () => undefined, onMissed: () => undefined,
      }),
  };
}
