import { isFailure } from '@aisle/std';
import { ServerExited } from '../failures.ts';
import type { Address, Ref } from '../message/ref.ts';
import type { Context } from '../process/context.ts';
import { ok, stop } from '../process/outcome.ts';
import { genServer } from '../server/gen-server.ts';
import type { ChildOptions, ChildSpec, Shutdown } from './child-spec.ts';
import {
  DynamicSupervisor, type DynamicSupervisorFlags, type DynamicSupervisorProtocol,
} from './dynamic-supervisor.ts';

/** Work of a task. The signal is aborted when the task is shut down. */
export type Work<T> = (signal: AbortSignal) => T | Promise<T>;

/** A task under way. */
export interface Task<T> {
  readonly ref: Ref;
  /** Resolves with what the work returns. Rejects with its Failure, or with ServerExited after a crash. */
  readonly result: Promise<T>;
  /** Ends the task, and resolves when it has ended. */
  shutdown(): Promise<void>;
}

/** What ties a task to others. */
export interface TaskOptions {
  /** Ties the task to the process of this context: either one's crash ends the other. */
  link?: Context;
  /** How long the task may take to end; 5,000 ms by default. */
  shutdown?: Shutdown;
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

/** A supervisor of pieces of work, each a temporary process; Elixir's `Task.Supervisor`. */
export const TaskSupervisor = {
  childSpec(
    flags: DynamicSupervisorFlags = {},
    options?: ChildOptions,
  ): ChildSpec<DynamicSupervisorFlags, DynamicSupervisorProtocol> {
    return DynamicSupervisor.childSpec(flags, { id: 'TaskSupervisor', ...options });
  },

  /** Starts the work at once, in a process of its own. Rejects with ChildrenMax. */
  async async<T>(
    supervisor: Address<DynamicSupervisorProtocol>,
    work: Work<T>,
    { link, shutdown }: TaskOptions = {},
  ): Promise<Task<T>> {
    let settle: Run['settle'] = () => undefined;
    const result = new Promise<T>((resolve, reject) => {
      settle = (error, value) => (error === undefined ? resolve(value as T) : reject(error as Error));
    });
    // Nobody has to look at the result: a crash is reported by the system's hook.
    result.catch(() => undefined);
    const spec = server.childSpec({ work, link, settle }, { restart: 'temporary', shutdown });
    const ref = await DynamicSupervisor.startChild(supervisor, spec);
    // Comes after the result of a task that succeeded, and then changes nothing.
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
};
