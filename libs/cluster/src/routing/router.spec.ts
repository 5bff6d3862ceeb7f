import { FrameReceiver, FrameSender, createMemoryTransport, decodeBody, encodeBody, type Envelope } from '@aisle/broker';
import { DEFAULT_LEASE } from '@aisle/registry/membership';
import { failures, type FailureFacts } from '@aisle/std';
import { CERTAIN_MS, Group, LOOK_MS } from '../testing/group.ts';
import type { HoldLimits } from './hold.ts';
import { Router } from './router.ts';

describe('Router', () => {
  it('sends a command with its shard to the owner', async () => {
    const { routing } = await routers({ 0: 'a', 1: 'b' });
    const { send, took } = await routing();

    await send('x', 0);
    await send('y', 1);

    expect(took('a')).toEqual(['x of 0']);
    expect(took('b')).toEqual(['y of 1']);
  });

  it('shows which queue has which shards', async () => {
    const { routing } = await routers({ 0: 'a', 1: 'b', 2: 'a' });

    const { router } = await routing();

    expect(router.table).toEqual({ 'queue-a': [0, 2], 'queue-b': [1] });
    expect(router.isUsable).toBe(true);
  });

  it('answers a command that the group does not know with the failure', async () => {
    const { routing } = await routers({ 0: 'a' });
    const { send, answers } = await routing();

    await send('x', 99);

    expect(answers()).toEqual(['x: test.unknown_shard']);
  });

  it('answers at once if there is no node', async () => {
    const { routing } = await routers({});
    const { send, answers, router } = await routing();

    await send('x', 0);

    expect(answers()).toEqual(['x: cluster.no_owner']);
    expect(router.isUsable).toBe(false);
    expect(router.holding).toBe(0);
  });

  describe('a command for a shard without an owner', () => {
    it('waits for an owner, and is then sent in order', async () => {
      const { group, routing } = await routers({ 0: 'a' });
      const { send, took, router } = await routing();
      await send('x', 1);
      await send('y', 1);
      expect(router.holding).toBe(2);

      await group.own(1, 'a');
      const third = send('z', 1);
      await group.runtime.advance(LOOK_MS);
      await third;

      expect(took('a')).toEqual(['x of 1', 'y of 1', 'z of 1']);
      expect(router.holding).toBe(0);
    });

    it('waits no longer than the limit', async () => {
      const { group, routing } = await routers({ 0: 'a' });
      const { send, answers } = await routing({ waitMs: 1_000 });
      await send('x', 1);

      await group.runtime.advance(1_000 - LOOK_MS);
      expect(answers()).toEqual([]);
      await group.runtime.advance(2 * LOOK_MS);

      expect(answers()).toEqual(['x: cluster.no_owner']);
    });

    it('is dropped without an answer after its deadline', async () => {
      const { group, routing } = await routers({ 0: 'a' });
      const { send, took, answers } = await routing();
      await send('x', 1, { deadlineMs: group.runtime.clock.nowMs() + 10 });

      await group.own(1, 'a');
      await group.runtime.advance(LOOK_MS);

      expect(took('a')).toEqual([]);
      expect(answers()).toEqual([]);
    });

    it.each<[bound: string, limits: Partial<HoldLimits>]>([
      ['messages', { messagesMax: 1 }],
      ['bytes', { bytesMax: 5 }],
    ])('is refused if too many %s wait already', async (_bound, limits) => {
      const { routing } = await routers({ 0: 'a' });
      const { send, answers, router } = await routing(limits);
      await send('x', 1);

      await send('y', 2);

      expect(answers()).toEqual(['y: cluster.hold_full']);
      expect(router.holding).toBe(1);
    });

    it('is answered when the last node leaves', async () => {
      const { group, routing, nodes } = await routers({ 0: 'a' });
      const { send, answers } = await routing({ waitMs: 60_000 });
      await send('x', 1);

      nodes.get('a')?.die();
      await group.runtime.advance(CERTAIN_MS);

      expect(answers()).toEqual(['x: cluster.no_owner']);
    });

    it('is answered when the manager stops', async () => {
      const { routing } = await routers({ 0: 'a' });
      const { send, answers, router, group } = await routing();
      await send('x', 1);

      await router.stop();
      await group.runtime.settle();

      expect(answers()).toEqual(['x: cluster.no_owner']);
    });
  });

  describe('a command that its node sent back', () => {
    it('waits for a younger view, and goes to its owner', async () => {
      const { group, routing } = await routers({ 0: 'a', 1: 'b' });
      const { send, took, router } = await routing();

      await send('x', 0, { hops: 1 });
      expect(router.holding).toBe(1);
      await group.own(0, 'b');
      await group.runtime.advance(LOOK_MS);

      expect(took('a')).toEqual([]);
      expect(took('b')).toEqual(['x of 0']);
    });

    it('holds up later commands of its shard', async () => {
      const { group, routing } = await routers({ 0: 'a', 1: 'b' });
      const { send, took } = await routing();

      await send('x', 0, { hops: 1 });
      await send('y', 0);
      await send('z', 1);
      await group.own(0, 'b');
      await group.runtime.advance(LOOK_MS);

      expect(took('b')).toEqual(['z of 1', 'x of 0', 'y of 0']);
    });

    it('goes to the same node again if a younger view names it as the owner', async () => {
      const { group, routing } = await routers({ 0: 'a', 1: 'b' });
      const { send, took } = await routing();

      await send('x', 0, { hops: 1 });
      await group.runtime.advance(2 * LOOK_MS);

      expect(took('a')).toEqual(['x of 0']);
    });

    it('waits while its shard moves from one living node to another', async () => {
      const { group, routing } = await routers({ 0: 'a', 1: 'b' });
      const { send, took, router } = await routing();
      await group.place('b', 'b');

      await send('x', 0, { hops: 1 });
      await group.runtime.advance(5 * LOOK_MS);
      expect(router.holding).toBe(1);
      await group.own(0, 'b');
      await group.runtime.advance(LOOK_MS);

      expect(took('b')).toEqual(['x of 0']);
    });

    it('is refused after the second time', async () => {
      const { routing } = await routers({ 0: 'a' });
      const { send, answers } = await routing();

      await send('x', 0, { hops: 2 });

      expect(answers()).toEqual(['x: cluster.no_owner']);
    });
  });

  it('sends to a leaving owner until that sends a command back', async () => {
    const { group, routing } = await routers({ 0: 'a', 1: 'b' });
    const { send, took } = await routing();

    await group.place('b', 'b');
    await send('x', 0);

    expect(took('a')).toEqual(['x of 0']);
  });

  it('sends the unread commands of a dead node to the new owners', async () => {
    const { group, routing, nodes } = await routers({ 0: 'a', 1: 'b' }, { reading: ['b'] });
    const { send, took } = await routing();
    await send('x', 0);

    nodes.get('a')?.die();
    await group.runtime.advance(CERTAIN_MS);
    await group.own(0, 'b');
    await group.runtime.advance(LOOK_MS);

    expect(took('b')).toEqual(['x of 0']);
  });

  it('leaves its queue to a node that returns after it was considered dead', async () => {
    const { group, routing, nodes } = await routers({ 0: 'a', 1: 'b' }, { reading: ['b'] });
    const { send, took, read } = await routing();
    nodes.get('a')?.die();
    await group.runtime.advance(CERTAIN_MS);

    await group.node('a');
    await group.runtime.advance(2 * LOOK_MS);
    await send('x', 0);
    read('a');
    await group.runtime.settle();

    expect(took('a')).toEqual(['x of 0']);
  });

  it('answers a command whose node has a full queue', async () => {
    const { routing } = await routers({ 0: 'a' }, { reading: [], queueFramesMax: 2 });
    const { send, answers } = await routing();

    for (const id of ['x', 'y', 'z']) await send(id, 0);

    expect(answers()).toEqual(['z: broker.queue_full']);
  });
});

const TestFailure = failures('test', { unknownShard: ['invalid', 'there is no such shard'] });

/** A group of four shards with these owners. The nodes of `reading` read their queues. */
async function routers(owners: Record<number, string>, { reading = ['a', 'b'], queueFramesMax = 100 } = {}) {
  const group = new Group(4);
  const names = [...new Set(Object.values(owners))];
  const nodes = new Map(await Promise.all(names.map(async (name) => [name, await group.node(name)] as const)));
  for (const [shard, owner] of Object.entries(owners)) await group.own(Number(shard), owner);
  const { runtime } = group;
  const transport = createMemoryTransport({ runtime, queueFramesMax });
  const outbox = new FrameSender({ transport, runtime });
  const taken = new Map<string, string[]>();
  const replies: string[] = [];
  const read = (queue: string, onEnvelope: (envelope: Envelope) => void): void =>
    new FrameReceiver({ transport, runtime, queue, onEnvelope }).start();
  const readNode = (name: string): void => {
    const commands: string[] = [];
    taken.set(name, commands);
    read(`queue-${name}`, ({ id, shard }) => void commands.push(`${id} of ${shard}`));
  };
  reading.forEach(readNode);
  read('caller', ({ id, body }) => void replies.push(`${id}: ${decodeBody<FailureFacts>(body).code}`));

  const routing = async (hold: Partial<HoldLimits> = {}) => {
    const router = new Router({
      transport, outbox, runtime,
      shardOf: ({ actor }) => {
        if (Number(actor) > 3) throw TestFailure.unknownShard();
        return Number(actor);
      },
      hold: { messagesMax: 100, bytesMax: 1_000, waitMs: 3_000, ...hold },
    });
    await group.watch((view, members, askedAtMs) => void router.onView(view, members, askedAtMs));
    // A node of the first reading is considered alive after its next renewal.
    await runtime.advance(DEFAULT_LEASE.leaseMs / 3 + LOOK_MS);
    return {
      group, router,
      read: readNode,
      took: (name: string) => taken.get(name),
      answers: () => replies,
      send: async (id: string, shard: number, { hops = 0, deadlineMs = Infinity } = {}): Promise<void> => {
        router.route({
          id, type: 'cart.change', tenant: 'default', market: 'm1', actor: String(shard), shard: -1, traceparent: '',
          deadlineMs: Math.min(deadlineMs, runtime.clock.nowMs() + 100_000), replyTo: 'caller', by: '', hops, correlation: 1,
          body: encodeBody('hey'),
        });
        await runtime.settle();
      },
    };
  };
  return { group, nodes, routing };
}
