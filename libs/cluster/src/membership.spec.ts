import { VirtualRuntime } from '@aisle/std/testing';
import { Membership } from './membership.ts';
import { NodeLease } from './node-lease.ts';
import type { NodeLeaseRow } from './node-lease.repository.ts';

describe('Membership', () => {
  it('sees a node that joins, and one that leaves', async () => {
    const { runtime, membership, node } = await observed();
    const a = node('a');

    await a.join();
    await runtime.advance(250);
    expect(names(membership)).toEqual(['a']);

    await a.leave();
    await runtime.advance(250);
    expect(names(membership)).toEqual([]);
  });

  it('holds a node alive while its beat moves, however long', async () => {
    const { runtime, membership, node } = await observed();
    await node('a').join();

    await runtime.advance(60_000);

    expect(names(membership)).toEqual(['a']);
  });

  it('holds a node dead once its beat stood still for lease and margin', async () => {
    const { runtime, leases, membership } = await observed();
    await leases.beat('a', 'queue-a');

    await runtime.advance(1_750);
    expect(names(membership)).toEqual(['a']);

    await runtime.advance(500);
    expect(names(membership)).toEqual([]);
  });

  it('holds nobody dead while it cannot read', async () => {
    const { runtime, leases, membership } = await observed();
    await leases.beat('a', 'queue-a');
    await runtime.advance(250);

    leases.isDown = true;
    await runtime.advance(10_000);
    expect(names(membership)).toEqual(['a']);

    leases.isDown = false;
    await runtime.advance(1_500);
    expect(names(membership)).toEqual(['a']);

    await runtime.advance(750);
    expect(names(membership)).toEqual([]);
  });

  it('does not believe a row that was there before it looked, until it moves', async () => {
    const leases = new FakeLeases();
    await leases.beat('dead', 'queue-dead');
    await leases.beat('alive', 'queue-alive');
    const { runtime, membership } = await observed(leases);
    expect(names(membership)).toEqual([]);

    await leases.beat('alive', 'queue-alive');
    await runtime.advance(250);

    expect(names(membership)).toEqual(['alive']);
  });
});

class FakeLeases {
  isDown = false;
  private readonly rows = new Map<string, { queue: string; beat: number }>();

  async beat(incarnation: string, queue: string): Promise<void> {
    const beat = (this.rows.get(incarnation)?.beat ?? 0) + 1;
    this.rows.set(incarnation, { queue, beat });
  }

  async remove(incarnation: string): Promise<void> {
    this.rows.delete(incarnation);
  }

  async all(): Promise<NodeLeaseRow[]> {
    if (this.isDown) throw new Error('the database is down');
    return [...this.rows].map(([incarnation, { queue, beat }]) => ({
      incarnation,
      queue,
      beat: String(beat),
    }));
  }
}

async function observed(leases = new FakeLeases()): Promise<{
  runtime: VirtualRuntime;
  leases: FakeLeases;
  membership: Membership;
  node: (incarnation: string) => NodeLease;
}> {
  const runtime = new VirtualRuntime();
  const membership = new Membership({ leases, runtime });
  await membership.start();
  const node = (incarnation: string): NodeLease =>
    new NodeLease({ leases, runtime, incarnation, queue: `queue-${incarnation}` });
  return { runtime, leases, membership, node };
}

function names({ members }: Membership): string[] {
  return members.map(({ incarnation }) => incarnation);
}
