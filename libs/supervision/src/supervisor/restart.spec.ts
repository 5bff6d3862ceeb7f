import { VirtualRuntime } from '@aisle/std/testing';
import type { ExitReason } from '../exit-reason.ts';
import { VirtualSystem } from '../testing/virtual-system.ts';
import { WorkerTree, type WorkerProtocol } from '../testing/worker-tree.ts';
import type { Restart } from './child-spec.ts';
import type { Strategy, SupervisorFlags } from './supervisor-state.ts';
import { Supervisor } from './supervisor.ts';

const bug: ExitReason = { error: new Error('bug') };

let tree: WorkerTree;
beforeEach(() => {
  tree = new WorkerTree();
});

describe('a child that ends', () => {
  // OTP's table: is a child of this restart type started again after this end?
  describe.each<[ExitReason, Record<Restart, boolean>]>([
    ['normal', { permanent: true, transient: false, temporary: false }],
    ['shutdown', { permanent: true, transient: false, temporary: false }],
    [{ shutdown: 'moved' }, { permanent: true, transient: false, temporary: false }],
    ['killed', { permanent: true, transient: true, temporary: false }],
    [bug, { permanent: true, transient: true, temporary: false }],
  ])('with %j', (reason, restarted) => {
    describe.each<Restart>(['permanent', 'transient', 'temporary'])('and is %s', (restart) => {
      // The children are a, b, c, and b ends.
      it.each<[Strategy, string[]]>([
        ['one_for_one', ['start b']],
        ['rest_for_one', ['stop c', 'start b', 'start c']],
        ['one_for_all', ['stop c', 'stop a', 'start a', 'start b', 'start c']],
      ])('under %s', async (strategy, expected) => {
        const root = await tree.start({ strategy }, [tree.worker('a'), tree.worker('b', { restart }), tree.worker('c')]);

        await tree.end(root, 'b', reason);

        expect(tree.log).toEqual(restarted[restart] ? expected : []);
        const ids = (await Supervisor.whichChildren(root)).map(({ id }) => id);
        expect(ids).toEqual(restart === 'temporary' ? ['a', 'c'] : ['a', 'b', 'c']);
      });
    });
  });

  it.each<[Strategy, string, string[]]>([
    ['one_for_one', 'a', ['start a']],
    ['one_for_one', 'c', ['start c']],
    ['rest_for_one', 'a', ['stop c', 'stop b', 'start a', 'start b', 'start c']],
    ['rest_for_one', 'c', ['start c']],
    ['one_for_all', 'a', ['stop c', 'stop b', 'start a', 'start b', 'start c']],
    ['one_for_all', 'c', ['stop b', 'stop a', 'start a', 'start b', 'start c']],
  ])('under %s restarts others by their position: %s', async (strategy, id, expected) => {
    const root = await tree.start({ strategy }, [tree.worker('a'), tree.worker('b'), tree.worker('c')]);

    await tree.end(root, id, bug);

    expect(tree.log).toEqual(expected);
  });

  it.each<[Strategy, string[]]>([
    ['rest_for_one', ['stop d', 'stop c', 'start b', 'start c']],
    ['one_for_all', ['stop d', 'stop c', 'stop a', 'start a', 'start b', 'start c']],
  ])(
    'under %s brings back transient siblings that were stopped for it, and no temporary ones',
    async (strategy, expected) => {
      const root = await tree.start({ strategy }, [
        tree.worker('a'),
        tree.worker('b'),
        tree.worker('c', { restart: 'transient' }),
        tree.worker('d', { restart: 'temporary' }),
      ]);

      await tree.end(root, 'b', bug);

      expect(tree.log).toEqual(expected);
    },
  );

  it('has another ref afterwards, the same address, and counts its restarts', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a')]);
    const address = Supervisor.child<WorkerProtocol>(root, 'a');
    const before = address.whereis()!;

    await tree.end(root, 'a', bug);
    await tree.end(root, 'a', bug);

    expect(before.alive).toBe(false);
    expect(await address.call('id')).toBe('a');
    expect(tree.system.observe()[0]!.children).toMatchObject([{ id: 'a', restarts: 2 }]);
  });

  it('is reported when it ended abnormally', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a'), tree.worker('b')]);

    await tree.end(root, 'a', 'shutdown');
    await tree.end(root, 'b', bug);

    expect(tree.system.reports).toEqual([
      { kind: 'child_terminated', supervisor: root, id: 'b', reason: bug },
    ]);
    expect(tree.system.crashes).toMatchObject([{ reason: bug }]);
  });
});

describe('the restart intensity', () => {
  it.each<[number, number[], 'lives' | 'gives up']>([
    // maxRestarts, times of the crashes in ms; the window is 5 s.
    [3, [0, 0, 0], 'lives'],
    [3, [0, 0, 0, 0], 'gives up'],
    [3, [0, 1_000, 2_000, 3_000], 'gives up'],
    [3, [0, 1_000, 2_000, 5_000], 'gives up'],
    [3, [0, 1_000, 2_000, 5_001], 'lives'],
    [3, [0, 1_000, 2_000, 5_001, 6_000], 'gives up'],
    [3, [0, 1_000, 2_000, 5_001, 6_001, 7_001], 'lives'],
    [1, [0, 5_001, 10_002, 15_003], 'lives'],
    [1, [0, 5_000], 'gives up'],
    [0, [0], 'gives up'],
  ])('%s within 5 s, crashes at %j ms: %s', async (maxRestarts, crashesMs, expected) => {
    const root = await tree.start({ strategy: 'one_for_one', maxRestarts, maxSeconds: 5 }, [tree.worker('a')]);

    let nowMs = 0;
    for (const atMs of crashesMs) {
      await tree.system.advance(atMs - nowMs);
      nowMs = atMs;
      await tree.end(root, 'a', bug);
    }

    expect(root.alive ? 'lives' : 'gives up').toBe(expected);
  });

  it('is 3 restarts in 5 seconds by default', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a')]);

    for (let crashes = 0; crashes < 3; crashes += 1) await tree.end(root, 'a', bug);
    expect(root.alive).toBe(true);
    await tree.end(root, 'a', bug);

    expect(await root.whenDown()).toBe('shutdown');
  });

  it('counts for all children together', async () => {
    const root = await tree.start({ strategy: 'one_for_one', maxRestarts: 1 }, [tree.worker('a'), tree.worker('b')]);

    await tree.end(root, 'a', bug);
    await tree.end(root, 'b', bug);

    expect(root.alive).toBe(false);
  });

  it('once exceeded stops all children in reverse order, and says so', async () => {
    const root = await tree.start({ strategy: 'one_for_one', maxRestarts: 0 }, [
      tree.worker('a'),
      tree.worker('b'),
      tree.worker('c'),
    ]);

    await tree.end(root, 'b', bug);

    expect(tree.log).toEqual(['stop c', 'stop a']);
    expect(await root.whenDown()).toBe('shutdown');
    expect(tree.system.reports.map(({ kind, id }) => [kind, id])).toEqual([
      ['child_terminated', 'b'],
      ['gave_up', 'b'],
    ]);
    expect(tree.system.processCount).toBe(0);
  });

  it('counts restarts whose init fails, and each is tried again until the limit', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a')]);
    tree.faults.set('a', 'fail');

    await tree.end(root, 'a', bug);

    expect(root.alive).toBe(false);
    expect(tree.system.reports.map(({ kind }) => kind)).toEqual([
      'child_terminated', 'start_failed', 'start_failed', 'start_failed', 'gave_up',
    ]);
  });

  it.each<[Strategy, string[]]>([
    ['rest_for_one', ['stop c', 'start b', 'start c']],
    ['one_for_all', ['stop c', 'stop a', 'start a', 'stop a', 'start a', 'start b', 'start c']],
  ])('with %s: a sibling whose restart fails is retried together with all children tied to it', async (strategy, expected) => {
    const root = await tree.start({ strategy }, [tree.worker('a'), tree.worker('b'), tree.worker('c')]);
    tree.faults.set('b', 'once');

    await tree.end(root, 'b', bug);

    expect(tree.log).toEqual(expected);
    expect(await Supervisor.countChildren(root)).toMatchObject({ active: 3 });
  });
});

describe('a backoff', () => {
  const backoff = { minMs: 100, maxMs: 1_000, jitter: 0 };
  const flags: SupervisorFlags = { strategy: 'one_for_one', maxRestarts: 100, backoff };

  it('waits before each restart, twice as long each time, up to its maximum', async () => {
    const root = await tree.start(flags, [tree.worker('a')]);
    const waitsMs: number[] = [];

    for (let crashes = 0; crashes < 6; crashes += 1) {
      await tree.end(root, 'a', bug);
      let waitedMs = 0;
      for (; tree.log.length === 0; waitedMs += 50) await tree.system.advance(50);
      waitsMs.push(waitedMs);
      tree.log = [];
    }

    expect(waitsMs).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('begins anew for a child that lived long enough', async () => {
    const root = await tree.start(flags, [tree.worker('a')]);
    await tree.end(root, 'a', bug);
    await tree.system.advance(100 + 1_000);
    tree.log = [];

    await tree.end(root, 'a', bug);
    await tree.system.advance(100);

    expect(tree.log).toEqual(['start a']);
  });

  it('shows the child as restarting meanwhile, and starts siblings with it', async () => {
    const root = await tree.start({ ...flags, strategy: 'one_for_all' }, [tree.worker('a'), tree.worker('b')]);

    await tree.end(root, 'a', bug);
    expect(await Supervisor.whichChildren(root)).toMatchObject([
      { id: 'a', ref: 'restarting' },
      { id: 'b', ref: undefined },
    ]);
    await tree.system.advance(100);

    expect(tree.log).toEqual(['stop b', 'start a', 'start b']);
  });

  it('is forgotten when the child is terminated meanwhile', async () => {
    const root = await tree.start(flags, [tree.worker('a')]);
    await tree.end(root, 'a', bug);

    await Supervisor.terminateChild(root, 'a');
    await tree.system.advance(1_000);

    expect(tree.log).toEqual([]);
  });

  it('is spread at random, by the seed of the runtime', async () => {
    const waits = new Set<number>();
    for (let round = 0; round < 5; round += 1) {
      tree = new WorkerTree(new VirtualSystem(new VirtualRuntime(round)));
      const root = await tree.start({ ...flags, backoff: { ...backoff, jitter: 1 } }, [tree.worker('a')]);
      await tree.end(root, 'a', bug);
      let waitedMs = 0;
      for (tree.log = []; tree.log.length === 0; waitedMs += 1) await tree.system.advance(1);
      waits.add(waitedMs);
    }

    expect(waits.size).toBeGreaterThan(1);
    expect(Math.max(...waits)).toBeLessThanOrEqual(100);
  });
});

