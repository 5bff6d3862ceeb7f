import type { ExitReason } from '../exit-reason.ts';
import type { Ref } from '../message/ref.ts';
import { crash, Probe } from '../testing/index.ts';
import { WorkerTree, type WorkerOptions } from '../testing/worker-tree.ts';
import type { Restart } from './child-spec.ts';
import {
  DynamicSupervisor, type DynamicSupervisorFlags, type DynamicSupervisorProtocol,
} from './dynamic-supervisor.ts';

const bug: ExitReason = { error: new Error('bug') };

describe('DynamicSupervisor', () => {
  let tree: WorkerTree;
  beforeEach(() => {
    tree = new WorkerTree();
  });

  it('starts without children, and starts any number of the same id', async () => {
    const supervisor = await start();

    const [one, other] = await Promise.all([add(supervisor, 'a'), add(supervisor, 'a')]);

    expect(one).not.toBe(other);
    expect(await DynamicSupervisor.countChildren(supervisor)).toEqual({
      specs: 2, active: 2, supervisors: 0, workers: 2,
    });
  });

  it('has the child running before startChild returns, when its init is synchronous', async () => {
    const supervisor = await start();

    void add(supervisor, 'a');

    expect(tree.log).toEqual(['start a']);
  });

  it('is not held up by a child whose init or end takes long', async () => {
    const supervisor = await start();

    const slow = add(supervisor, 'slow', { initMs: 1_000, terminateMs: 1_000 });
    await add(supervisor, 'quick');
    expect(tree.log).toEqual(['start quick']);
    await tree.system.advance(1_000);
    const ended = DynamicSupervisor.terminateChild(supervisor, await slow);
    await add(supervisor, 'quick');
    await tree.system.advance(1_000);
    await ended;

    expect(tree.log).toEqual(['start quick', 'start slow', 'start quick', 'stop slow']);
  });

  it.each<[ExitReason, Record<Restart, boolean>]>([
    ['normal', { permanent: true, transient: false, temporary: false }],
    ['shutdown', { permanent: true, transient: false, temporary: false }],
    [{ shutdown: 'moved' }, { permanent: true, transient: false, temporary: false }],
    ['killed', { permanent: true, transient: true, temporary: false }],
    [bug, { permanent: true, transient: true, temporary: false }],
  ])('restarts, after %j: %j, that child and no other', async (reason, table) => {
    for (const [restart, restarted] of Object.entries(table)) {
      const supervisor = await start({ maxRestarts: 10 });
      const child = await add(supervisor, restart, { restart: restart as Restart });
      const neighbour = await add(supervisor, 'neighbour');

      await end(child, reason);

      const children = await DynamicSupervisor.whichChildren(supervisor);
      expect(children.some(({ id }) => id === restart)).toBe(restarted);
      expect(neighbour.alive).toBe(true);
    }
  });

  it('gives up beyond its restart intensity, with all children', async () => {
    const supervisor = await start({ maxRestarts: 1 });
    const [one, other] = [await add(supervisor, 'a'), await add(supervisor, 'b')];
    await add(supervisor, 'c');
    tree.log = [];

    await end(one, bug);
    await end(other, bug);

    expect(tree.log).toEqual(['stop a', 'start a', 'stop b', 'stop c', 'stop a']);
    expect(await supervisor.whenDown()).toBe('shutdown');
    expect(tree.system.processCount).toBe(0);
  });

  it.each([0, 10])('tries a failed restart again, and each try counts (init takes %s ms)', async (initMs) => {
    const supervisor = await start({ maxRestarts: 3 });
    const child = add(supervisor, 'a', { initMs });
    await tree.system.advance(initMs);
    tree.faults.set('a', 'once');

    await end(await child, bug);
    await tree.system.advance(initMs);

    expect(await DynamicSupervisor.whichChildren(supervisor)).toMatchObject([
      { id: 'a', ref: { alive: true, restarts: 1 } },
    ]);
    tree.faults.set('a', 'fail');
    for (const { ref } of await DynamicSupervisor.whichChildren(supervisor)) await end(ref as Ref, bug);
    expect(supervisor.alive).toBe(false);
  });

  it('drops a child that ignores its restart', async () => {
    const supervisor = await start();
    const child = await add(supervisor, 'a');
    tree.faults.set('a', 'ignore');

    await end(child, bug);

    expect(await DynamicSupervisor.whichChildren(supervisor)).toEqual([]);
  });

  it('waits before a restart if told so, and forgets the child when terminated meanwhile', async () => {
    const backoff = { minMs: 100, maxMs: 10_000, jitter: 0 };
    const supervisor = await start({ maxRestarts: 10, backoff });
    const [one, other] = [await add(supervisor, 'a'), await add(supervisor, 'b')];
    tree.log = [];

    await end(one, 'killed');
    await end(other, 'killed');
    expect(await DynamicSupervisor.countChildren(supervisor)).toMatchObject({ specs: 2, active: 0 });
    await DynamicSupervisor.terminateChild(supervisor, other);
    await tree.system.advance(100);
    expect(tree.log).toEqual(['start a']);
    const [again] = await DynamicSupervisor.whichChildren(supervisor);
    await end(again!.ref as Ref, 'killed');
    await tree.system.advance(199);
    expect(tree.log).toEqual(['start a']);
    await tree.system.advance(1);

    expect(tree.log).toEqual(['start a', 'start a']);
  });

  it('has room for maxChildren, and for another when one has ended', async () => {
    const supervisor = await start({ maxChildren: 1 });
    const child = await add(supervisor, 'a');

    await expect(add(supervisor, 'b')).rejects.toMatchObject({
      kind: 'throttled',
      code: 'supervisor.children_max',
    });
    await DynamicSupervisor.terminateChild(supervisor, child);

    expect((await add(supervisor, 'b')).alive).toBe(true);
  });

  it('does not terminate a process that is not its child', async () => {
    const supervisor = await start();
    const child = await add(supervisor, 'a');
    await DynamicSupervisor.terminateChild(supervisor, child);

    for (const ref of [child, supervisor]) {
      await expect(DynamicSupervisor.terminateChild(supervisor, ref)).rejects.toMatchObject({
        code: 'child.not_found',
      });
    }
  });

  it.each<[string, 'fail' | 'ignore', string]>([
    ['fails', 'fail', 'child.start_failed'],
    ['ignores', 'ignore', 'child.ignored'],
  ])('keeps nothing of a child whose start %s', async (_, fault, code) => {
    const supervisor = await start();
    tree.faults.set('a', fault);

    await expect(add(supervisor, 'a')).rejects.toMatchObject({ code });

    expect(await DynamicSupervisor.whichChildren(supervisor)).toEqual([]);
  });

  it('accepts exit signals from its children and its parent only', async () => {
    const supervisor = await start({ maxRestarts: 0 });
    const child = await add(supervisor, 'a');
    const stranger = await Probe.start(tree.system);
    stranger.link(supervisor);

    supervisor.exit('shutdown');
    stranger.ref.exit('kill');
    await tree.system.settle();

    expect([supervisor.alive, child.alive]).toEqual([true, true]);
  });

  it('ends its children at the same time, each within its own', async () => {
    const supervisor = await start();
    const starts = [10, 20, 30].map((terminateMs) => add(supervisor, String(terminateMs), { terminateMs }));
    await Promise.all([...starts, add(supervisor, 'hangs', { terminateMs: 1_000, shutdown: 50 })]);
    tree.log = [];

    const stopped = supervisor.stop('shutdown');
    await tree.system.advance(50);
    await stopped;

    expect(tree.log).toEqual(['stop 10', 'stop 20', 'stop 30']);
    expect(tree.system.reports).toMatchObject([{ kind: 'shutdown_error', id: 'hangs' }]);
    expect(tree.system.processCount).toBe(0);
  });

  it('killed while a child starts leaves nothing behind', async () => {
    const supervisor = await start();
    const child = add(supervisor, 'a', { initMs: 10 });
    const refused = expect(child).rejects.toMatchObject({ reason: 'killed' });

    supervisor.exit('kill');
    await tree.system.advance(20);

    await refused;
    expect(tree.system.processCount).toBe(0);
  });

  function start(flags?: DynamicSupervisorFlags): Promise<Ref<DynamicSupervisorProtocol>> {
    return tree.system.start(DynamicSupervisor.childSpec(flags));
  }

  function add(to: Ref<DynamicSupervisorProtocol>, id: string, options?: WorkerOptions): Promise<Ref> {
    return DynamicSupervisor.startChild(to, tree.worker(id, options));
  }

  async function end(child: Ref, reason: ExitReason): Promise<void> {
    if (reason === 'killed') child.exit('kill');
    else if (typeof reason === 'object' && 'error' in reason) crash(child, reason.error);
    else await child.stop(reason);
    await tree.system.settle();
  }
});
