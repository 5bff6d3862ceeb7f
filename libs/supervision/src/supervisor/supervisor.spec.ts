import type { ExitReason } from '../exit-reason.ts';
import type { Ref } from '../message/ref.ts';
import { Probe } from '../testing/probe.ts';
import { WorkerTree, type WorkerProtocol } from '../testing/worker-tree.ts';
import type { ChildOptions, ChildSpec } from './child-spec.ts';
import type { SupervisorFlags } from './supervisor-state.ts';
import { Supervisor, type SupervisorProtocol } from './supervisor.ts';

const bug: ExitReason = { error: new Error('bug') };

let tree: WorkerTree;
beforeEach(() => {
  tree = new WorkerTree();
});

describe('the start of a tree', () => {
  it('goes from left to right, each child waiting for the init of the one before', async () => {
    const children = [
      tree.worker('a', { initMs: 30 }),
      tree.worker('b', { initMs: 10 }),
      tree.worker('c'),
    ];
    const started = tree.system.start(Supervisor.childSpec({ strategy: 'one_for_one', children }));
    await tree.system.advance(40);
    await started;

    expect(tree.log).toEqual(['start a', 'start b', 'start c']);
  });

  it('is synchronous, however deep, when every init is', () => {
    const inner = Supervisor.childSpec({ strategy: 'one_for_one', children: [tree.worker('a')] });
    const outer = Supervisor.childSpec({ strategy: 'one_for_all', children: [inner] });

    void tree.system.start(outer);

    expect(tree.system.processCount).toBe(3);
  });

  it.each([0, 10])('that fails half-way stops what had started, in reverse (init takes %s ms)', async (initMs) => {
    tree.faults.set('c', 'fail');
    const children = ['a', 'b', 'c', 'd'].map((id) => tree.worker(id, { initMs }));
    const outcome = expect(
      tree.system.start(Supervisor.childSpec({ strategy: 'one_for_one', children })),
    ).rejects.toMatchObject({
      code: 'child.start_failed',
      reason: { shutdown: { code: 'child.start_failed', details: { id: 'c' } } },
    });

    await tree.system.advance(100);
    await outcome;

    expect(tree.log).toEqual(['start a', 'start b', 'stop b', 'stop a']);
    expect(tree.system.processCount).toBe(0);
    expect(tree.system.reports).toMatchObject([{ kind: 'start_failed', id: 'c' }]);
  });

  it('goes on past a child that ignores it', async () => {
    tree.faults.set('b', 'ignore');
    const root = await tree.start({ strategy: 'one_for_one' }, [
      tree.worker('a'),
      tree.worker('b'),
      tree.worker('c', { restart: 'temporary' }),
    ]);

    expect(await Supervisor.whichChildren(root)).toMatchObject([
      { id: 'a', ref: { alive: true } },
      { id: 'b', ref: undefined },
      { id: 'c', ref: { alive: true } },
    ]);
  });

  it.each<[string, Partial<SupervisorFlags>, ChildOptions[]]>([
    ['two children of one id', {}, [{ id: 'a' }, { id: 'a' }]],
    ['a significant child without autoShutdown', {}, [{ significant: true, restart: 'transient' }]],
    [
      'a significant child that is permanent',
      { autoShutdown: 'any_significant' },
      [{ significant: true }],
    ],
  ])('refuses %s before it starts anything', async (_, flags, options) => {
    const children = options.map((option) => tree.worker('a', option));
    const start = tree.system.start(Supervisor.childSpec({ strategy: 'one_for_one', ...flags, children }));

    await expect(start).rejects.toMatchObject({ cause: { code: 'child.invalid_spec' } });
    expect(tree.log).toEqual([]);
  });

  it.each<[string, ChildSpec['start'], string]>([
    ['throws', () => { throw new TypeError('odd'); }, 'odd'],
    ['rejects', () => Promise.reject(new TypeError('odd')), 'odd'],
    ['starts the child elsewhere', () => tree.system.start(tree.worker('foreign')), 'ctx.startLink'],
  ])('takes a start function that %s for a failed start', async (_, start, message) => {
    const root = await tree.start({ strategy: 'one_for_one' }, []);

    const child = Supervisor.startChild(root, { id: 'odd', args: undefined, start });

    await expect(child).rejects.toMatchObject({
      code: 'child.start_failed',
      cause: { message: expect.stringContaining(message) },
    });
    expect(root.alive).toBe(true);
  });
});

describe('the end of a tree', () => {
  it('goes from right to left', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a'), tree.worker('b'), tree.worker('c')]);

    await root.stop('shutdown');

    expect(tree.log).toEqual(['stop c', 'stop b', 'stop a']);
    expect(tree.system.processCount).toBe(0);
    expect(tree.system.reports).toEqual([]);
  });

  it.each<[ChildOptions['shutdown'], number, string[]]>([
    // The child takes 3 s to terminate.
    [5_000, 3_000, ['stop a']],
    [3_001, 3_000, ['stop a']],
    [1_000, 1_000, []],
    ['infinity', 3_000, ['stop a']],
    ['brutal_kill', 0, []],
  ])('gives a child its time: shutdown %j', async (shutdown, endsAfterMs, expected) => {
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a', { shutdown, terminateMs: 3_000 })]);

    const stopped = root.stop('shutdown');
    await tree.system.settle();
    let waitedMs = 0;
    for (; tree.system.processCount > 0; waitedMs += 100) await tree.system.advance(100);
    await stopped;

    expect(waitedMs).toBe(endsAfterMs);
    expect(tree.log).toEqual(expected);
  });

  it('reports a child that had to be killed', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a', { shutdown: 10, terminateMs: 20 })]);

    const stopped = root.stop('shutdown');
    await tree.system.advance(20);
    await stopped;

    expect(tree.system.reports).toMatchObject([{ kind: 'shutdown_error', id: 'a', reason: 'killed' }]);
  });

  it('waits for the supervisors in it as long as they need', async () => {
    const inner = Supervisor.childSpec(
      { strategy: 'one_for_one', children: [tree.worker('slow', { shutdown: 'infinity', terminateMs: 60_000 })] },
      { id: 'inner' },
    );
    const root = await tree.start({ strategy: 'one_for_one' }, [inner]);

    const stopped = root.stop('shutdown');
    await tree.system.advance(59_999);
    expect(root.alive).toBe(true);
    await tree.system.advance(1);
    await stopped;

    expect(tree.log).toEqual(['stop slow']);
  });

  it('by a kill takes the children along: trapping ones terminate, supervisors stop theirs', async () => {
    const inner = Supervisor.childSpec(
      { strategy: 'one_for_one', children: [tree.worker('b'), tree.worker('c')] },
      { id: 'inner' },
    );
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a'), inner]);

    root.exit('kill');
    await tree.system.settle();

    expect(tree.system.processCount).toBe(0);
    expect(tree.log.sort()).toEqual(['stop a', 'stop b', 'stop c']);
  });
});

it('a supervisor accepts exit signals from its children and its parent only', async () => {
  const root = await tree.start({ strategy: 'one_for_one', maxRestarts: 0 }, [tree.worker('a'), tree.worker('b')]);
  await Supervisor.terminateChild(root, 'b');
  const stranger = await Probe.start(tree.system);
  stranger.link(root);

  root.exit('shutdown');
  stranger.ref.exit('kill');
  await tree.system.settle();

  expect(await Supervisor.countChildren(root)).toMatchObject({ specs: 2, active: 1 });
});

describe('a supervisor under a supervisor', () => {
  const inner = (options: ChildOptions = {}): ChildSpec =>
    Supervisor.childSpec(
      { strategy: 'one_for_one', maxRestarts: 0, children: [tree.worker('b'), tree.worker('c')] },
      { id: 'inner', ...options },
    );

  it('that gives up is restarted with its children', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a'), inner(), tree.worker('d')]);

    await tree.end(Supervisor.child<SupervisorProtocol>(root, 'inner').whereis()!, 'c', bug);

    expect(tree.log).toEqual(['stop b', 'start b', 'start c']);
    expect(tree.system.reports.map(({ kind, id }) => [kind, id])).toEqual([
      ['child_terminated', 'c'],
      ['gave_up', 'c'],
    ]);
  });

  it('that gives up ends its parent too if the intensity of the parent is exceeded, and so on up to the root', async () => {
    const root = await tree.start({ strategy: 'one_for_one', maxRestarts: 0 }, [tree.worker('a'), inner()]);

    await tree.end(Supervisor.child<SupervisorProtocol>(root, 'inner').whereis()!, 'c', bug);

    expect(tree.log).toEqual(['stop b', 'stop a']);
    expect(await root.whenDown()).toBe('shutdown');
    expect(tree.system.processCount).toBe(0);
  });

  it('that is transient and gives up is not restarted: shutdown is a clean end', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a'), inner({ restart: 'transient' })]);

    await tree.end(Supervisor.child<SupervisorProtocol>(root, 'inner').whereis()!, 'c', bug);

    expect(tree.log).toEqual(['stop b']);
    expect(await Supervisor.countChildren(root)).toEqual({ specs: 2, active: 1, supervisors: 1, workers: 1 });
  });

  it('is reached by a path of ids', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, [inner()]);

    const address = Supervisor.child<WorkerProtocol>(Supervisor.child(root, 'inner'), 'c');

    expect(await address.call('id')).toBe('c');
    expect(String(address)).toMatch(/^Supervisor#\d+\/inner\/c$/);
  });
});

describe('auto-shutdown', () => {
  const significant = { significant: true, restart: 'transient' } as const;

  it.each<[SupervisorFlags['autoShutdown'], string[], boolean]>([
    // a and b are significant, c is not; these end normally, in this order.
    ['any_significant', ['c'], true],
    ['any_significant', ['a'], false],
    ['all_significant', ['a'], true],
    ['all_significant', ['c', 'a'], true],
    ['all_significant', ['a', 'b'], false],
    ['all_significant', ['b', 'a'], false],
  ])('%s: after %j the supervisor lives: %s', async (autoShutdown, ends, lives) => {
    const root = await tree.start({ strategy: 'one_for_one', autoShutdown: autoShutdown! }, [
      tree.worker('a', significant),
      tree.worker('b', significant),
      tree.worker('c', { restart: 'transient' }),
    ]);

    for (const id of ends) await tree.end(root, id, 'normal');

    expect(root.alive).toBe(lives);
    if (!lives) expect(await root.whenDown()).toBe('shutdown');
  });

  it('does not happen when a significant child is restarted', async () => {
    const root = await tree.start({ strategy: 'one_for_one', autoShutdown: 'any_significant' }, [
      tree.worker('a', significant),
    ]);

    await tree.end(root, 'a', bug);

    expect(root.alive).toBe(true);
  });

  it('happens when a temporary significant child ends in any way', async () => {
    const root = await tree.start({ strategy: 'one_for_one', autoShutdown: 'any_significant' }, [
      tree.worker('a', { significant: true, restart: 'temporary' }),
      tree.worker('b'),
    ]);

    await tree.end(root, 'a', bug);

    expect(tree.log).toEqual(['stop b']);
    expect(root.alive).toBe(false);
  });

  it('does not happen when the child was terminated by hand', async () => {
    const root = await tree.start({ strategy: 'one_for_one', autoShutdown: 'any_significant' }, [
      tree.worker('a', significant),
    ]);

    await Supervisor.terminateChild(root, 'a');

    expect(root.alive).toBe(true);
  });
});

describe('the children by hand', () => {
  it('are started, terminated, restarted and deleted', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a')]);

    const ref = await Supervisor.startChild(root, tree.worker('b'));
    expect(await ref.call('id')).toBe('b');
    await Supervisor.terminateChild(root, 'b');
    expect(ref.alive).toBe(false);
    const again = await Supervisor.restartChild(root, 'b');
    expect(again).not.toBe(ref);
    await Supervisor.terminateChild(root, 'b');
    await Supervisor.deleteChild(root, 'b');

    expect(tree.log).toEqual(['start b', 'stop b', 'start b', 'stop b']);
    expect(await Supervisor.whichChildren(root)).toMatchObject([{ id: 'a' }]);
  });

  it('of type temporary leave with their end', async () => {
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a', { restart: 'temporary' })]);

    await Supervisor.terminateChild(root, 'a');

    expect(await Supervisor.countChildren(root)).toEqual({
      specs: 0, active: 0, supervisors: 0, workers: 0,
    });
  });

  it('are not restarted once terminated, until a strategy starts them again', async () => {
    const root = await tree.start({ strategy: 'one_for_all' }, [tree.worker('a'), tree.worker('b')]);
    await Supervisor.terminateChild(root, 'a');
    tree.log = [];

    await tree.end(root, 'b', bug);

    expect(tree.log).toEqual(['start a', 'start b']);
  });

  it('are listed with their type and restart type', async () => {
    const inner = Supervisor.childSpec({ strategy: 'one_for_one', children: [] }, { id: 'inner' });
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a', { restart: 'transient' }), inner]);

    expect(await Supervisor.whichChildren(root)).toMatchObject([
      { id: 'a', type: 'worker', restart: 'transient' },
      { id: 'inner', type: 'supervisor', restart: 'permanent' },
    ]);
  });

  it.each<[string, (root: Ref<SupervisorProtocol>) => Promise<unknown>, string]>([
    ['startChild of a running id', (root) => Supervisor.startChild(root, tree.worker('a')), 'child.already_started'],
    ['startChild of a stopped id', (root) => Supervisor.startChild(root, tree.worker('b')), 'child.already_present'],
    ['startChild that fails', (root) => Supervisor.startChild(root, tree.worker('bad')), 'child.start_failed'],
    ['startChild that ignores', (root) => Supervisor.startChild(root, tree.worker('ig')), 'child.ignored'],
    ['terminateChild of nobody', (root) => Supervisor.terminateChild(root, 'x'), 'child.not_found'],
    ['restartChild of nobody', (root) => Supervisor.restartChild(root, 'x'), 'child.not_found'],
    ['restartChild of a running one', (root) => Supervisor.restartChild(root, 'a'), 'child.running'],
    ['deleteChild of nobody', (root) => Supervisor.deleteChild(root, 'x'), 'child.not_found'],
    ['deleteChild of a running one', (root) => Supervisor.deleteChild(root, 'a'), 'child.running'],
  ])('refuse %s', async (_, run, code) => {
    tree.faults.set('bad', 'fail').set('ig', 'ignore');
    const root = await tree.start({ strategy: 'one_for_one' }, [tree.worker('a'), tree.worker('b')]);
    await Supervisor.terminateChild(root, 'b');

    await expect(run(root)).rejects.toMatchObject({ code });
    expect(root.alive).toBe(true);
  });
});
