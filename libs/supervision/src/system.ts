import { checkNumber, type Runtime } from '@aisle/std';
import { DeadLetters } from './message/dead-letters.ts';
import type { Protocol, Unchecked } from './message/protocol.ts';
import type { Address, Ref } from './message/ref.ts';
import { RequestDeadlines } from './message/request.ts';
import { observe, type FoundProcess, type ObserveOptions, type TreeNode } from './observe.ts';
import type { Kernel } from './process/kernel.ts';
import type { MaybePromise } from './process/outcome.ts';
import { addressAt } from './process/path.ts';
import type { Process } from './process/process.ts';
import { Scheduler } from './process/scheduler.ts';
import { Starter } from './process/start.ts';
import { consoleHooks, type SystemHooks } from './reports.ts';
import type { ChildSpec } from './supervisor/child-spec.ts';

/** The reports of crashes, and the number of kept dead letters. */
export interface SystemOptions {
  /** Without hooks, crashes are printed on stderr. `{}` is silent. */
  hooks?: SystemHooks;
  /** Kept dead letters; 1,000 by default. */
  deadLettersMax?: number;
}

const DEAD_LETTERS_MAX = 1_000;

/** A system of processes; one per program is enough. It corresponds to a node in Erlang. */
export class System implements Kernel {
  /** Unhandled messages. */
  readonly deadLetters: DeadLetters;
  readonly hooks: SystemHooks;
  /** @internal Every living process. */
  readonly processes = new Set<Ref>();
  /** @internal */
  readonly scheduler: Scheduler;
  /** @internal */
  readonly deadlines: RequestDeadlines;
  private lastPid = 0;

  /** `runtime` gives clock, timers, random numbers and scheduling: the real ones, or a test's virtual ones. */
  constructor(
    readonly runtime: Runtime,
    { hooks = consoleHooks(), deadLettersMax = DEAD_LETTERS_MAX }: SystemOptions = {},
  ) {
    this.hooks = hooks;
    checkNumber('deadLettersMax', deadLettersMax, { min: 0 });
    this.scheduler = new Scheduler(runtime);
    this.deadlines = new RequestDeadlines(runtime);
    this.deadLetters = new DeadLetters(runtime.clock, deadLettersMax, (letter) => {
      if (hooks.onDeadLetter) this.shield(() => hooks.onDeadLetter?.(letter));
    });
  }

  /**
   * Starts a process without a parent: the root of a tree, usually a supervisor.
   * Rejects with StartFailed, ChildFailure.ignored or ChildFailure.alreadyStarted.
   */
  async start<P extends Protocol>(spec: ChildSpec<Unchecked, P>): Promise<Ref<P>> {
    return this.spawn(spec, undefined);
  }

  /**
   * The address of a process by the path of ids from its root, such as `shop/orders/inbox`. It follows the
   * process through its restarts, and may be made before the process is started.
   */
  address<P extends Protocol>(path: string): Address<P> {
    return addressAt<P>(this, path);
  }

  /** The number of living processes. */
  get processCount(): number {
    return this.processes.size;
  }

  /** The living processes for which `matches` is true, each as `observe` describes it. */
  find(matches: (process: Pick<TreeNode, 'pid' | 'id' | 'server'>) => boolean): FoundProcess[] {
    return [...(this.processes as Set<Process>)]
      .map((ref): FoundProcess => ({ ref, pid: ref.pid, id: ref.spec.id, server: ref.behaviour.name }))
      .filter(matches);
  }

  /** The trees of processes, roots first, as plain data. */
  observe(options?: ObserveOptions): TreeNode[] {
    return observe(this.processes as Set<Process>, options);
  }

  /** @internal Starts a child of `parent`, synchronously if its `init` is synchronous. */
  spawn<P extends Protocol>(
    spec: ChildSpec<Unchecked, P>,
    parent: Ref | undefined,
  ): MaybePromise<Ref<P>> {
    return spec.start(spec.args, new Starter(this, parent as Process | undefined, spec));
  }

  /** @internal */
  nextPid(): number {
    return (this.lastPid += 1);
  }

  /** Runs foreign code. An error in it surfaces as uncaught and harms no process here. */
  shield(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.runtime.defer(() => {
        throw error;
      });
    }
  }
}
