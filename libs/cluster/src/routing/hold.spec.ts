import type { Envelope } from '@aisle/broker';
import { Hold } from './hold.ts';

describe('Hold', () => {
  it('returns the commands of a shard once, oldest first', () => {
    const hold = holding();
    hold.add(7, command('a'), 0);
    hold.add(8, command('other'), 0);
    hold.add(7, command('b'), 1);
    expect(hold.waiting).toEqual([7, 8]);
    expect(hold.size).toBe(3);

    expect(ids(hold.take(7))).toEqual(['a', 'b']);

    expect(ids(hold.take(7))).toEqual([]);
    expect([hold.isWaiting(7), hold.isWaiting(8), hold.size]).toEqual([false, true, 1]);
  });

  it('is bounded by messages over all shards, and has room again after some are taken', () => {
    const hold = holding({ messagesMax: 2 });

    expect([1, 2, 3].map((shard) => hold.add(shard, command('x'), 0))).toEqual([true, true, false]);
    hold.take(1);

    expect(hold.add(3, command('x'), 0)).toBe(true);
  });

  it('is bounded by bytes of bodies, and has room again after some are taken', () => {
    const hold = holding({ bytesMax: 100 });

    expect([60, 40, 1].map((bytes) => hold.add(bytes, command('x', bytes), 0))).toEqual([true, true, false]);
    hold.takeExpired(3_000);

    expect(hold.add(1, command('x', 100), 3_000)).toBe(true);
  });

  it('lets no command wait longer than the limit', () => {
    const hold = holding({ waitMs: 3_000 });
    hold.add(7, command('a'), 0);
    hold.add(7, command('b'), 10);
    hold.add(8, command('c'), 0);

    expect(ids(hold.takeExpired(2_999))).toEqual([]);
    expect(ids(hold.takeExpired(3_000))).toEqual(['a', 'c']);

    expect(hold.waiting).toEqual([7]);
    expect(ids(hold.take(7))).toEqual(['b']);
  });

  it('keeps a copy of a body, not its frame', () => {
    const hold = holding();
    const frame = new Uint8Array(32_768).fill(1);
    hold.add(7, { ...command('a'), body: frame.subarray(10, 13) }, 0);

    frame.fill(2);

    const [envelope] = hold.take(7);
    expect([...(envelope?.body ?? [])]).toEqual([1, 1, 1]);
    expect(envelope?.body.buffer.byteLength).toBe(3);
  });
});

function holding(limits: Partial<ConstructorParameters<typeof Hold>[0]> = {}): Hold {
  return new Hold({ messagesMax: 100, bytesMax: 10_000, waitMs: 3_000, ...limits });
}

function command(id: string, bytes = 1): Envelope {
  return {
    id, type: 'cart.change', tenant: 'default', market: 'm1', actor: 'cart', shard: -1, deadlineMs: Infinity,
    traceparent: '', replyTo: '', by: '', hops: 0, correlation: 0, body: new Uint8Array(bytes),
  };
}

function ids(envelopes: readonly Envelope[]): string[] {
  return envelopes.map(({ id }) => id);
}
