import type { Lease } from '@aisle/journal';
import { failures, sleep, type Failure } from '@aisle/std';
import { Group } from '../testing/group.ts';
import { ActorHost, type ActorKind, type ActorLimits } from './actor-host.ts';
import { Shards } from './shards.ts';

const SHARD = 0;
const OTHER_SHARD = 1;

describe('ActorHost', () => {
  it('brings an actor to life for the first who asks, and keeps it for the next', async () => {
    const { host, ask, kind } = await hosting();

    await ask('a');
    await ask('a');

    expect(kind.started).toEqual(['a']);
    expect(host.usage).toEqual({ actors: 1, bytes: 100 });
  });

  it('brings it to life once for many who ask while it is loaded', async () => {
    const { run, ask, kind } = await hosting();
    kind.startMs = 50;

    const answers = await run(Promise.all([ask('a'), ask('a'), ask('a')]), 50);

    expect(kind.started).toEqual(['a']);
    expect(answers.map(({ life }) => life)).toEqual([1, 1, 1]);
  });

  it('brings nobody to life on a shard that lives elsewhere', async () => {
    const { host, kind } = await hosting();

    const asked = host.ask(3, 'a', async () => 'answered');

    await expect(asked).rejects.toMatchObject({ code: 'journal.shard_lost' });
    expect(kind.started).toEqual([]);
  });

  it('ends what it has just brought to life when its shard has begun to leave meanwhile', async () => {
    const { group, shards, run, ask, kind } = await hosting();
    kind.startMs = 50;
    const asked = ask('a');
    await group.runtime.advance(25);

    shards.close();

    await expect(run(asked, 25)).rejects.toMatchObject({ code: 'journal.shard_lost' });
    expect(kind.stopped).toEqual(['a']);
  });

  it('says what an actor fails with, and what loading it fails with', async () => {
    const { host, ask, kind } = await hosting();
    kind.startFails = TestFailure.odd();
    await expect(ask('a')).rejects.toThrow('odd');
    kind.startFails = undefined;

    await expect(host.ask(SHARD, 'a', () => Promise.reject(TestFailure.odd()))).rejects.toThrow('odd');
  });

  it('brings back an actor that ended by itself', async () => {
    const { ask, kind } = await hosting();
    const first = await ask('a');

    first.isAlive = false;
    const second = await ask('a');

    expect(second).not.toBe(first);
    expect(kind.started).toEqual(['a', 'a']);
    expect(kind.stopped).toEqual([]);
  });

  it('lets an actor read while the node holds its lease and the shard is proven, and not else', async () => {
    const { ask, node, shards, group } = await hosting();
    const { mayRead } = await ask('a');
    expect(mayRead()).toBe(true);

    node.holds = false;
    expect(mayRead()).toBe(false);
    node.holds = true;
    shards.onLate();
    expect(mayRead()).toBe(false);
    await group.runtime.settle();

    expect(mayRead()).toBe(true);
  });

  it('runs a request again after what says that this is safe, with the actor brought back', async () => {
    const { host, kind } = await hosting();
    let runs = 0;

    const answer = await host.ask(SHARD, 'a', async (actor) => {
      runs += 1;
      if (runs === 3) return 'answered';
      actor.isAlive = false;
      throw TestFailure.outdated();
    });

    expect(answer).toBe('answered');
    expect(kind.started).toEqual(['a', 'a', 'a']);
  });

  it('waits for a lease that has just run out, and not for long', async () => {
    const { group, host, node, run } = await hosting();
    const read = (): Promise<string> => host.ask(SHARD, 'a', async () => {
      if (!node.holds) throw TestFailure.uncertain();
      return 'read';
    });
    node.holds = false;

    const renewed = read();
    await group.runtime.advance(100);
    node.holds = true;
    expect(await run(renewed, 100)).toBe('read');
    node.holds = false;
    await expect(run(read(), 1_000)).rejects.toMatchObject({ code: 'journal.lease_uncertain' });
  });

  it('runs no request more than three times, and none again after anything else', async () => {
    const { host } = await hosting();
    const runs = { outdated: 0, odd: 0 };

    await expect(host.ask(SHARD, 'a', async () => {
      runs.outdated += 1;
      throw TestFailure.outdated();
    })).rejects.toThrow('test.outdated');
    await expect(host.ask(SHARD, 'a', async () => {
      runs.odd += 1;
      throw TestFailure.odd();
    })).rejects.toThrow('odd');

    expect(runs).toEqual({ outdated: 3, odd: 1 });
  });

  describe('keeps to its bounds:', () => {
    it('too many actors make room for a new one, those unused for longest first', async () => {
      const { host, ask, kind } = await hosting({ actorsMax: 2 });
      for (const key of ['a', 'b', 'a', 'c']) await ask(key);

      expect(kind.stopped).toEqual(['b']);
      expect(host.usage.actors).toBe(2);
    });

    it('so do too many bytes', async () => {
      const { host, ask, kind } = await hosting({ bytesMax: 250 });
      for (const key of ['a', 'b', 'c']) await ask(key);
      expect(kind.stopped).toEqual([]);

      await ask('d');

      expect(kind.stopped).toEqual(['a']);
      expect(host.usage.bytes).toBe(300);
    });

    it('an actor is weighed after each request', async () => {
      const { host, ask } = await hosting();
      const actor = await ask('a');

      actor.bytes = 5_000;
      await ask('a');

      expect(host.usage.bytes).toBe(5_000);
    });

    it('an actor that nobody uses goes after a while', async () => {
      const { host, ask, kind, group } = await hosting({ idleMs: 4_000 });
      await ask('a');
      await group.runtime.advance(3_000);
      await ask('b');

      await group.runtime.advance(2_000);
      expect(kind.stopped).toEqual(['a']);
      await group.runtime.advance(3_000);

      expect(kind.stopped).toEqual(['a', 'b']);
      expect(host.usage).toEqual({ actors: 0, bytes: 0 });
    });

    it('one that is busy stays, however full it is and however long that takes', async () => {
      const { hold, ask, kind, group } = await hosting({ actorsMax: 2, idleMs: 4_000 });
      const done = hold('a');
      await ask('b');
      await group.runtime.advance(10_000);
      expect(kind.stopped).toEqual(['b']);

      await ask('c');
      await ask('d');

      expect(kind.stopped).toEqual(['b', 'c']);
      done();
    });

    it('when all are busy, who comes new is refused and changes nothing', async () => {
      const { host, hold, ask, kind } = await hosting({ actorsMax: 2 });
      const done = [hold('a'), hold('b')];
      await ask('a');

      await expect(ask('c')).rejects.toMatchObject({ kind: 'throttled', code: 'cluster.host_full' });

      expect(kind.started).toEqual(['a', 'b']);
      expect(host.usage.actors).toBe(2);
      for (const finish of done) finish();
    });

    it('a request that finds its actor just being put to rest waits, and gets a new one', async () => {
      const { ask, run, kind, group } = await hosting({ idleMs: 4_000 });
      await ask('a');
      kind.stopMs = 1_000;
      await group.runtime.advance(5_000);

      const actor = await run(ask('a'), 1_000);

      expect(actor.life).toBe(2);
      expect(kind.atOnceMax).toBe(1);
    });

    it('an actor that can\'t be saved ends all the same', async () => {
      const { host, ask, kind, group } = await hosting({ idleMs: 4_000 });
      await ask('a');
      kind.stopFails = true;

      await group.runtime.advance(5_000);

      expect(host.usage).toEqual({ actors: 0, bytes: 0 });
    });
  });

  describe('draining a shard', () => {
    it('waits for its open requests, and puts its actors to rest; others go on', async () => {
      const { host, hold, ask, kind, group } = await hosting();
      await ask('idle');
      await host.ask(OTHER_SHARD, 'elsewhere', async () => undefined);
      const done = hold('busy');
      await group.runtime.settle();

      const drained = follow(host.drain(SHARD));
      await group.runtime.settle();
      expect([drained.isDone, kind.stopped]).toEqual([false, []]);
      done();
      await group.runtime.settle();

      expect(drained.isDone).toBe(true);
      expect([...kind.stopped].sort()).toEqual(['busy', 'idle']);
      expect(host.usage.actors).toBe(1);
    });

    it('waits for an actor that is still loaded', async () => {
      const { host, ask, kind, run } = await hosting();
      kind.startMs = 50;
      const asked = ask('a');

      await run(host.drain(SHARD), 50);

      expect(await asked).toMatchObject({ key: 'a' });
      expect(kind.stopped).toEqual(['a']);
    });
  });

  it('drops what is in memory of a shard that was lost, without waiting for anybody', async () => {
    const { host, hold, ask, kind, group } = await hosting();
    await ask('idle');
    const done = hold('busy');
    await group.runtime.settle();

    host.drop(SHARD);
    await group.runtime.settle();

    expect(kind.stopped).toEqual(['idle', 'busy']);
    expect(host.usage).toEqual({ actors: 0, bytes: 0 });
    done();
  });

  it('knows for how long its oldest request has been open: work that is stuck shows', async () => {
    const { host, hold, ask, group } = await hosting();
    expect(host.oldestOpenMs).toBe(0);
    const done = hold('stuck');
    await group.runtime.advance(5_000);
    await ask('a');
    expect(host.oldestOpenMs).toBe(5_000);

    done();
    await group.runtime.settle();

    expect(host.oldestOpenMs).toBe(0);
  });
});

const TestFailure = failures('test', {
  outdated: ['unavailable', 'test.outdated'],
  uncertain: ['unavailable', 'journal.lease_uncertain'],
  odd: ['rejected', 'odd'],
}, { codes: { uncertain: 'journal.lease_uncertain' } });

/** An actor that does nothing but live. */
interface Plain {
  readonly key: string;
  /** Which of its key, beginning with 1. */
  readonly life: number;
  readonly mayRead: () => boolean;
  isAlive: boolean;
  bytes: number;
}

class PlainKind implements ActorKind<Plain> {
  startMs = 0;
  stopMs = 0;
  startFails: Failure | undefined;
  stopFails = false;
  readonly started: string[] = [];
  readonly stopped: string[] = [];
  /** How many of one key there were at the same time. */
  atOnceMax = 0;
  private readonly living = new Map<string, number>();

  constructor(private readonly group: Group) {}

  async start(key: string, _lease: Lease, mayRead: () => boolean): Promise<Plain> {
    if (this.startMs > 0) await sleep(this.group.runtime, this.startMs);
    if (this.startFails) throw this.startFails;
    this.started.push(key);
    this.count(key, 1);
    return { key, life: this.started.filter((other) => other === key).length, mayRead, isAlive: true, bytes: 100 };
  }

  async stop({ key }: Plain): Promise<void> {
    if (this.stopMs > 0) await sleep(this.group.runtime, this.stopMs);
    this.stopped.push(key);
    this.count(key, -1);
    if (this.stopFails) throw TestFailure.odd();
  }

  isAlive(actor: Plain): boolean {
    return actor.isAlive;
  }

  bytesOf(actor: Plain): number {
    return actor.bytes;
  }

  mayRunAgain({ code }: Failure): boolean {
    return code === 'test.outdated';
  }

  private count(key: string, by: number): void {
    const living = (this.living.get(key) ?? 0) + by;
    this.living.set(key, living);
    this.atOnceMax = Math.max(this.atOnceMax, living);
  }
}

/** A host on a node that owns two of four shards. */
async function hosting(limits: Partial<ActorLimits> = {}) {
  const group = new Group(4);
  const kind = new PlainKind(group);
  const node = { holds: true };
  const shards: Shards = new Shards({
    journal: group.journal('me'), incarnation: 'me',
    drain: (shard) => host.drain(shard),
    onLost: (shard) => host.drop(shard),
    onFailed: () => undefined,
  });
  const host: ActorHost<Plain> = new ActorHost({
    kind, shards, runtime: group.runtime, nodeHolds: () => node.holds,
    limits: { actorsMax: 100, bytesMax: 100_000, idleMs: 600_000, ...limits },
  });
  await group.node('me');
  await group.watch((view, members) => void shards.onView(view, members));
  await group.place('me', 'me');
  return {
    group, kind, node, shards, host,
    ask: (key: string) => host.ask(SHARD, key, async (actor) => actor),
    /** A request that is open until the returned function is called. */
    hold: (key: string): (() => void) => {
      let finish!: () => void;
      const finished = new Promise<void>((resolve) => (finish = resolve));
      void host.ask(SHARD, key, () => finished);
      return finish;
    },
    run: async <T>(asked: Promise<T>, ms: number): Promise<T> => {
      asked.catch(() => undefined);
      await group.runtime.advance(ms);
      return asked;
    },
  };
}

function follow(promise: Promise<unknown>): { isDone: boolean } {
  const followed = { isDone: false };
  void promise.then(() => (followed.isDone = true));
  return followed;
}
