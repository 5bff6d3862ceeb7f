import { message, protocol } from '@aisle/contracts';
import { Journal, type Behaviour, type Lease } from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import { Registry } from '@aisle/registry';
import { failures, systemRuntime as runtime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { Supervisor, DynamicSupervisor, System } from '@aisle/supervision';
import { crash } from '@aisle/supervision/testing';
import { z } from 'zod';
import { ActorHost } from '../hosting/actor-host.ts';
import { Actors } from './actors.ts';
import { commit, later, look, type Decision } from './decision.ts';
import { journaledActor } from './journaled-actor.ts';

const TillProtocol = protocol('till', { queue: 'till', key: (key: string) => ({ market: 'm1', actor: key }) }, {
  pay: message('Pays into the till.', { body: z.object({ amount: z.int() }), reply: z.object({ sum: z.int() }) }),
  read: message('Reads the sum.', { reply: z.object({ sum: z.int() }) }),
});
const AT = { shard: 3, key: 'default/m1/t' };

describe('a journaled actor', () => {
  it('commits the decision of a handler, and answers by the committed state', async () => {
    const { say } = await tills();

    expect(await say('till.pay', { amount: 3 })).toEqual({ sum: 3 });
    expect(await say('till.pay', { amount: 4 })).toEqual({ sum: 7 });
    expect(await say('till.read')).toEqual({ sum: 7 });
  });

  it('is not loaded for a message that its occasion refuses', async () => {
    const { say, host } = await tills();

    await expect(say('till.pay', { amount: 1 }, 'closed')).rejects.toMatchObject({ code: 'market.closed' });

    expect(host.usage.actors).toBe(0);
  });

  it('answers a refusal by the function that the handler names, in a turn of its own', async () => {
    const { actors } = await tills();
    const pay = (id: string) => (): Decided<number> => commit(submission(id, 150), ({ state }) => state, () => () => look((sum) => sum));
    await actors.ask(AT, () => commit(submission('c1', 40), ({ state }) => state));

    expect(await actors.ask(AT, pay('c2'))).toBe(40);
    await expect(actors.ask(AT, () => commit(submission('c3', 150), () => 0))).rejects.toMatchObject({ code: 'till.full' });
  });

  it('handles other messages while a decision is prepared by later, and none while a handler awaits', async () => {
    const { actors } = await tills();
    const { promise, resolve } = promised<Decided<number>>();

    const apart = actors.ask(AT, () => later(promise));
    expect(await actors.ask(AT, () => commit(submission('c1', 1), ({ state }) => state))).toBe(1);
    const held = promised<Decided<number>>();
    const answers: number[] = [];
    const first = actors.ask(AT, () => held.promise).then((sum) => answers.push(sum));
    const second = actors.ask(AT, () => commit(submission('c3', 10), ({ state }) => state)).then((sum) => answers.push(sum));
    resolve(commit(submission('c4', 100), ({ state }) => state));
    held.resolve(commit(submission('c2', 2), ({ state }) => state));
    await Promise.all([apart, first, second]);

    expect(await apart).toBe(101);
    expect(answers).toEqual([103, 113]);
  });

  it('submits nothing after its end, although a decision was being prepared', async () => {
    const { actors, process, memory } = await tills();
    await actors.ask(AT, () => commit(submission('c1', 1), () => 0));
    const { promise, resolve } = promised<Decided<number>>();
    const asked = actors.ask(AT, () => later(promise));
    const refused = expect(asked).rejects.toMatchObject({ code: 'till.restarting' });
    await eventually(() => process()?.alive === true);

    process()?.exit('shutdown');
    await refused;
    resolve(commit(submission('c2', 1), () => 0));
    await promise;

    expect((await memory.storage('other').history({ shard: 3, actor: AT.key }, 0, 10)).map(({ commandId }) => commandId)).toEqual(['c1']);
  });

  it('answers a crash as a bug, and is loaded again from the journal', async () => {
    const { actors, process } = await tills();
    await actors.ask(AT, () => commit(submission('c1', 5), () => 0));
    const stuck = actors.ask(AT, () => later(new Promise<Decided<number>>(() => undefined)));
    const refused = expect(stuck).rejects.toThrow('the till crashed');
    await eventually(() => process()?.alive === true);

    crash(process()!);
    await refused;

    expect(await actors.ask(AT, () => look((sum) => sum))).toBe(5);
  });

  it('runs its last command before it leaves, and begins again with the result', async () => {
    const { actors, host, ends } = await tills();
    await actors.ask(AT, () => commit(submission('c1', 5), () => 0));

    await host.drain(AT.shard);

    expect(ends).toEqual([5]);
    expect(await actors.ask(AT, () => look((sum) => sum))).toBe(6);
  });

  it('is loaded only from rows if the declaration has rows', async () => {
    const { actors, loaded } = await tills({ rows: { seq: 2, state: 30 } });

    expect(await actors.ask(AT, () => commit(submission('c1', 5), ({ seq, state }) => [seq, state]))).toEqual([3, 35]);
    expect(loaded).toEqual([AT.key]);
  });
});

type Decided<Answer> = Decision<number, number, undefined, undefined, Answer>;

const TillFailure = failures('till', {
  full: ['rejected', 'the till is full'],
  closed: ['missing', 'closed'],
  restarting: ['unavailable', 'begins again'],
}, { codes: { closed: 'market.closed' } });

/** A sum that refuses amounts above 100. */
const behaviour: Behaviour<number, number, number, undefined> = {
  initial: 0,
  decide(_sum, amount) {
    if (amount > 100) throw TillFailure.full();
    return { events: [amount], outcome: undefined };
  },
  evolve: (sum, amount) => sum + amount,
  schemaVersion: 1,
  save: (sum) => sum,
  restore: (saved) => saved as number,
};

function submission(id: string, amount: number) {
  return { id, payloadHash: Buffer.from(String(amount)), command: amount };
}

function promised<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((resolved) => (resolve = resolved));
  return { promise, resolve };
}

async function tills({ rows }: { rows?: { seq: number; state: number } } = {}) {
  const memory = new MemoryJournal(runtime);
  const journal = new Journal({ storage: memory.storage('node'), runtime });
  const [ends, loaded]: [number[], string[]] = [[], []];
  const till = journaledActor({
    name: 'Till', noun: 'till', protocol: TillProtocol, behaviour,
    occasion: ({ market }) => {
      if (market === 'closed') throw TillFailure.closed();
      return market;
    },
    handlers: {
      pay: (_sum, { body: { amount }, envelope: { id } }) => commit(submission(id, amount), ({ state: sum }) => ({ sum })),
      read: () => look((sum: number) => ({ sum })),
    },
    begin: () => undefined,
    settle(sum) {
      ends.push(sum);
      return commit(submission('last', 1), () => undefined);
    },
    ...(rows && { rows: { load: async (key: string) => (loaded.push(key), rows) } }),
    bytesOf: () => 100,
    restarting: TillFailure.restarting,
  });
  const system = new System(runtime, { hooks: {} });
  const root = await system.start(Supervisor.childSpec({
    strategy: 'one_for_one', children: [DynamicSupervisor.childSpec({}, { id: 'Tills' })],
  }, { id: 'root' }));
  const registry: Parameters<typeof till.kind>[0]['registry'] = new Registry(system, { keys: 'unique' });
  const leases = new Map<number, Promise<Lease | undefined>>();
  const host = new ActorHost({
    kind: till.kind({ journal, registry, supervisor: Supervisor.child(root, 'Tills') }),
    shards: {
      accepts: () => true,
      isProven: () => true,
      async lease(shard) {
        if (!leases.has(shard)) leases.set(shard, journal.claim(shard, 0));
        return (await leases.get(shard)) as Lease;
      },
    },
    runtime, limits: { actorsMax: 10, bytesMax: 2 ** 20, idleMs: 60_000 }, nodeHolds: () => true,
  });
  const actors = new Actors(host, till);
  const routes = actors.routes();
  let ids = 0;
  return {
    actors, host, ends, loaded, memory,
    process: () => registry.whereis(AT.key),
    say: async (type: string, body?: unknown, market = 'm1') => {
      ids += 1;
      return routes.get(type)!(body, {
        id: `m${ids}`, type, tenant: 'default', market, actor: 't', shard: 3, deadlineMs: 0, traceparent: '', replyTo: '', by: '', hops: 0, correlation: ids,
      });
    },
  };
}
