import { sleep } from '@aisle/std';
import type { Ref } from '../message/ref.ts';
import type { Context } from '../process/context.ts';
import { ok } from '../process/outcome.ts';
import { genServer } from '../server/gen-server.ts';
import { Probe, VirtualSystem } from '../testing/index.ts';
import { ProcessFailure } from '../failures.ts';
import type { DynamicSupervisorProtocol } from './dynamic-supervisor.ts';
import { TaskSupervisor } from './task-supervisor.ts';

describe('TaskSupervisor', () => {
  let system: VirtualSystem;
  let tasks: Ref<DynamicSupervisorProtocol>;
  beforeEach(async () => {
    system = new VirtualSystem();
    tasks = await system.start(TaskSupervisor.childSpec({ maxChildren: 2 }));
  });

  it('runs work in a process of its own and hands over the result', async () => {
    const task = await TaskSupervisor.async(tasks, () => 6 * 7);

    expect(await task.result).toBe(42);
    expect(await task.ref.whenDown()).toBe('normal');
  });

  it('rejects with the Failure of the work, which is no crash', async () => {
    const task = await TaskSupervisor.async(tasks, () => Promise.reject(ProcessFailure.noproc('x')));

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

  it('streams the results of items in order, a bounded number at a time, and a failed item fails alone', async () => {
    let running = 0;
    let most = 0;
    const work = async (ms: number): Promise<number> => {
      most = Math.max(most, (running += 1));
      await sleep(system.runtime, ms).finally(() => (running -= 1));
      if (ms === 30) throw new Error('thirty');
      return ms;
    };
    const ends: unknown[] = [];
    const read = async (): Promise<void> => {
      const items = [50, 10, 30, 20, 1_000, 5];
      for await (const end of TaskSupervisor.stream(tasks, items, work, { concurrency: 2, timeoutMs: 100 })) {
        ends.push(end.status === 'fulfilled' ? end.value : (end.reason as { code: string }).code);
      }
    };

    const done = read();
    await system.advance(2_000);
    await done;

    expect(ends).toEqual([50, 10, 'process.exited', 20, 'call.timeout', 5]);
    expect(most).toBe(2);
    expect(system.processCount).toBe(1);
  });

  it('ends the tasks of a stream whose reader stopped', async () => {
    const read = async (): Promise<void> => {
      for await (const _first of TaskSupervisor.stream(tasks, [1, 10_000], (ms) => sleep(system.runtime, ms), { concurrency: 2 })) break;
    };

    const done = read();
    await system.advance(10);
    await done;

    expect(system.processCount).toBe(1);
  });

  it('awaits a task for some time, and then ends it', async () => {
    const quick = await TaskSupervisor.async(tasks, () => 1);
    const slow = await TaskSupervisor.async(tasks, () => new Promise(() => undefined));
    const late = TaskSupervisor.await(slow, 100).catch(({ code }: { code: string }) => code);

    expect(await TaskSupervisor.await(quick)).toBe(1);
    await system.advance(100);

    expect(await late).toBe('call.timeout');
    expect(slow.ref.alive).toBe(false);
  });

  it('runs work again if it has a restart type', async () => {
    let runs = 0;
    const work = (): void => {
      if ((runs += 1) < 3) throw new Error('not yet');
    };

    await TaskSupervisor.startChild(tasks, work, { restart: 'transient' });
    await system.settle();

    expect([runs, system.processCount]).toEqual([3, 1]);
  });
});
