import { sleep } from '@aisle/std';
import type { Ref } from '../message/ref.ts';
import type { Context } from '../process/context.ts';
import { ok } from '../process/outcome.ts';
import { genServer } from '../server/gen-server.ts';
import { Probe, TestSystem } from '../testing/index.ts';
import { NoProcess } from '../failures.ts';
import type { DynamicSupervisorProtocol } from './dynamic-supervisor.ts';
import { TaskSupervisor } from './task-supervisor.ts';

describe('TaskSupervisor', () => {
  let system: TestSystem;
  let tasks: Ref<DynamicSupervisorProtocol>;
  beforeEach(async () => {
    system = new TestSystem();
    tasks = await system.start(TaskSupervisor.childSpec({ maxChildren: 2 }));
  });

  it('runs work in a process of its own and hands over the result', async () => {
    const task = await TaskSupervisor.async(tasks, () => 6 * 7);

    expect(await task.result).toBe(42);
    expect(await task.ref.whenDown()).toBe('normal');
  });

  it('rejects with the Failure of the work, which is no crash', async () => {
    const task = await TaskSupervisor.async(tasks, () => Promise.reject(new NoProcess('x')));

    await expect(task.result).rejects.toMatchObject({ code: 'process.noproc' });
    expect(system.crashes).toEqual([]);
  });

  it('rejects after a crash, and does not start the work again', async () => {
    const bug = new Error('bug');
    let runs = 0;
    const task = await TaskSupervisor.async(tasks, () => {
      runs += 1;
      throw bug;
    });

    await expect(task.result).rejects.toMatchObject({ code: 'process.exited', cause: bug });
    await system.settle();
    expect(runs).toBe(1);
    expect(system.crashes).toMatchObject([{ reason: { error: bug } }]);
  });

  it('has a bound of tasks at a time', async () => {
    const endless = (): Promise<never> => new Promise(() => undefined);
    await TaskSupervisor.async(tasks, endless);
    await TaskSupervisor.async(tasks, endless);

    await expect(TaskSupervisor.async(tasks, endless)).rejects.toMatchObject({
      code: 'supervisor.children_max',
    });
  });

  it('aborts the signal of work that is shut down', async () => {
    let aborted: boolean | undefined;
    const task = await TaskSupervisor.async(tasks, async (signal) => {
      await sleep(system.runtime, 100);
      aborted = signal.aborted;
    });
    await system.settle();

    await task.shutdown();
    await system.advance(100);

    await expect(task.result).rejects.toMatchObject({ reason: 'shutdown' });
    expect(aborted).toBe(true);
  });

  it.each(['task', 'owner'] as const)('ties a linked task and its owner: the end of the %s', async (ends) => {
    let context!: Context;
    const Owner = genServer<object, null>({
      name: 'Owner',
      init: (_, ctx) => {
        context = ctx;
        return ok(null);
      },
    });
    const owner = await system.start(Owner.childSpec(undefined));
    const probe = await Probe.start(system);
    probe.monitor(owner);
    const task = await TaskSupervisor.async(tasks, () => new Promise(() => undefined), { link: context });
    await system.settle();

    (ends === 'task' ? task.ref : owner).exit('kill');
    await system.settle();

    expect([task.ref.alive, owner.alive]).toEqual([false, false]);
    expect(probe.received).toMatchObject([{ type: 'down', reason: 'killed' }]);
  });
});
