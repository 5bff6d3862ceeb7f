import { checkDuration, checkFunction, checkNumber, isFailure, type Timer } from '@aisle/std';
import { CallFailure, ServerExited } from '../failures.ts';
import type { Address, Ref } from '../message/ref.ts';
import type { Context } from '../process/context.ts';
import { ok, stop } from '../process/outcome.ts';
import type { Process } from '../process/process.ts';
import { genServer } from '../server/gen-server.ts';
import type { ChildOptions, ChildSpec, Restart, Shutdown } from './child-spec.ts';
import {
  DynamicSupervisor, type DynamicSupervisorFlags, type DynamicSupervisorProtocol,
} from './dynamic-supervisor.ts';

/** The work of a task. The signal is aborted when the task is shut down. */
export type Work<T> = (signal: AbortSignal) => T | Promise<T>;

/** A running task. */
export interface Task<T> {
  readonly ref: Ref;
  /** Resolves with the result of the work. Rejects with its Failure, or with ServerExited after a crash. */
  readonly result: Promise<T>;
  /** Ends the task, and resolves when it has ended. */
  shutdown(): Promise<void>;
}

/** The ties of a task to others. */
export interface TaskOptions {
  /** Links the task to the process of this context: a crash of either ends the other. */
  link?: Context;
  /** The time that the task has to end; 5,000 ms by default. */
  shutdown?: Shutdown;
}

/** The options of a stream of tasks. */
export interface StreamOptions extends TaskOptions {
  /** Concurrent tasks; 8 by default. */
  concurrency?: number;
  /** The time limit of one task; none by default. */
  timeoutMs?: number;
}

interface Run {
  readonly work: Work<unknown>;
  readonly link: Context | undefined;
  settle(error: unknown, value: unknown): void;
}

interface TaskProtocol {
  continue: 'run';
}

const server = genServer<TaskProtocol, Run, Run>({
  name: 'Task',
  init: (run, ctx) => {
    if (run.link !== undefined) ctx.link(run.link.self);
    return ok(run, { continue: 'run' });
  },
  handleContinue: async (run, _message, ctx) => {
    try {
      run.settle(undefined, await run.work(ctx.signal));
    } catch (error) {
      if (!isFailure(error)) throw error;
      run.settle(error, undefined);
    }
    return stop('normal');
  },
});

const AWAIT_MS = 5_000;
const CONCURRENCY = 8;

/** A supervisor of tasks, each a temporary process; Elixir's `Task.Supervisor`. */
export const TaskSupervisor = {
  childSpec(
    flags: DynamicSupervisorFlags = {},
    options?: ChildOptions,
  ): ChildSpec<DynamicSupervisorFlags, DynamicSupervisorProtocol> {
    return DynamicSupervisor.childSpec(flags, { id: 'TaskSupervisor', ...options });
  },

  /** Starts the work at once, in a process of its own. Rejects with ChildFailure.tooMany. */
  async async<T>(
    supervisor: Address<DynamicSupervisorProtocol>,
    work: Work<T>,
    { link, shutdown }: TaskOptions = {},
  ): Promise<Task<T>> {
    checkFunction('work', work);
    let settle: Run['settle'] = () => undefined;
    const result = new Promise<T>((resolve, reject) => {
      settle = (error, value) => (error === undefined ? resolve(value as T) : reject(error as Error));
    });
    // Reading the result is optional: the system's hook reports a crash.
    result.catch(() => undefined);
    const spec = server.childSpec({ work, link, settle }, { restart: 'temporary', shutdown });
    const ref = await DynamicSupervisor.startChild(supervisor, spec);
    // This comes after the result of a successful task, and then has no effect.
    void ref.whenDown().then((reason) => settle(new ServerExited(ref.label, reason, true), undefined));
    return {
      ref,
      result,
      shutdown: async () => {
        ref.exit('shutdown');
        await ref.whenDown();
      },
    };
  },

  /**
   * Work whose result nobody awaits. `restart` makes it run again after a crash. Elixir's
   * `Task.Supervisor.start_child`.
   */
  startChild(
    supervisor: Address<DynamicSupervisorProtocol>,
    work: Work<unknown>,
    { link, shutdown, restart = 'temporary' }: TaskOptions & { restart?: Restart } = {},
  ): Promise<Ref> {
    checkFunction('work', work);
    const spec = server.childSpec({ work, link, settle: () => undefined }, { restart, shutdown });
    return DynamicSupervisor.startChild(supervisor, spec);
  },

  /** The result, if it comes in time (5,000 ms by default). Otherwise ends the task and rejects with CallFailure.timeout. */
  async await<T>(task: Task<T>, timeoutMs = AWAIT_MS): Promise<T> {
    checkDuration('timeoutMs', timeoutMs);
    const { timers } = (task.ref as Process).system.runtime;
    let timer: Timer | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = timers.after(timeoutMs, () => {
        reject(CallFailure.timeout(task.ref.label, 'work', timeoutMs));
        void task.shutdown();
      });
    });
    return Promise.race([task.result, late]).finally(() => timer?.cancel());
  },

  /**
   * Runs the work for each item, a bounded number at a time, and yields the results in the order of the items. A failed
   * item fails alone. Elixir's `async_stream_nolink`. A reader that stops early ends the tasks that still run.
   */
  async *stream<I, T>(
    supervisor: Address<DynamicSupervisorProtocol>,
    items: Iterable<I> | AsyncIterable<I>,
    work: (item: I, signal: AbortSignal) => T | Promise<T>,
    { concurrency = CONCURRENCY, timeoutMs = Infinity, ...options }: StreamOptions = {},
  ): AsyncGenerator<PromiseSettledResult<T>, void, undefined> {
    checkFunction('work', work);
    checkNumber('concurrency', concurrency, { min: 1 });
    checkDuration('timeoutMs', timeoutMs);
    const running: { task: Task<T>; end: Promise<PromiseSettledResult<T>> }[] = [];
    const first = async (): Promise<PromiseSettledResult<T>> => (running.shift() as (typeof running)[number]).end;
    try {
      for await (const item of items) {
        const task = await TaskSupervisor.async<T>(supervisor, (signal) => work(item, signal), options);
        running.push({ task, end: Promise.allSettled([TaskSupervisor.await(task, timeoutMs)]).then(([end]) => end) });
        if (running.length >= concurrency) yield await first();
      }
      while (running.length > 0) yield await first();
    } finally {
      await Promise.all(running.map(({ task }) => task.shutdown()));
    }
  },
};
