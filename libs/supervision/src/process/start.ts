import type { Timer } from '@aisle/std';
import type { ExitReason } from '../exit-reason.ts';
import { ChildFailure, ProcessFailure, StartFailed } from '../failures.ts';
import type { Watcher } from '../message/ref.ts';
import { START_TIMEOUT_MS, type ChildSpec, type StartContext } from '../supervisor/child-spec.ts';
import type { Behaviour } from './behaviour.ts';
import { Context } from './context.ts';
import type { Kernel } from './kernel.ts';
import { isOutcome, isPromise, KEEP, NoOutcome, type MaybePromise, type Outcome } from './outcome.ts';
import { Process } from './process.ts';

/** Starts a child of `parent` by its specification. Synchronous if `init` is. */
export class Starter implements StartContext {
  constructor(
    private readonly system: Kernel,
    private readonly parent: Process | undefined,
    private readonly spec: ChildSpec,
  ) {}

  get ancestors(): readonly Process[] {
    const { parent } = this;
    return parent === undefined ? [] : [parent, ...parent.ancestors];
  }

  startLink(behaviour: Behaviour, args: unknown): MaybePromise<Process> {
    const { system, parent, spec } = this;
    // A start that awaited something may come too late: nobody would ever end the child of a dead parent.
    if (parent !== undefined && !parent.alive) throw ProcessFailure.noproc(parent.label);
    const process = new Process(system, behaviour, spec, parent);
    process.context = new Context(process);
    try {
      // Register the name first, so that no other process can start under it while `init` runs.
      spec.name?.register(process);
    } catch (error) {
      process.die('normal');
      throw error;
    }
    system.processes.add(process);
    if (parent !== undefined) (parent.children ??= new Set()).add(process);
    return initialise(process, args);
  }
}

function initialise(process: Process, args: unknown): MaybePromise<Process> {
  const { scheduler } = process.system;
  const outer = scheduler.current;
  scheduler.current = process;
  let outcome: MaybePromise<Outcome<unknown, unknown>>;
  try {
    outcome = process.behaviour.init(args, process.context);
  } catch (error) {
    throw failStart(process, { error });
  } finally {
    scheduler.current = outer;
  }
  return isPromise(outcome) ? initialiseLater(process, outcome) : begin(process, outcome);
}

function initialiseLater(
  process: Process,
  outcome: PromiseLike<Outcome<unknown, unknown>>,
): Promise<Process> {
  return new Promise((resolve, reject) => {
    const timer = timeStart(process);
    // The process may be killed while `init` awaits. Its starter must not wait for an `init` that may never end.
    const watcher: Watcher = {
      onDown: (_, reason) => {
        timer?.cancel();
        reject(new StartFailed(process.spec.id, reason));
      },
    };
    process.watch(watcher);
    outcome.then(
      (settled) => {
        process.unwatch(watcher);
        timer?.cancel();
        try {
          resolve(begin(process, settled));
        } catch (error) {
          reject(error as Error);
        }
      },
      (error: unknown) => reject(failStart(process, { error })),
    );
  });
}

/** Ends a process whose `init` exceeds its time limit. */
function timeStart(process: Process): Timer | undefined {
  const { spec, behaviour, system } = process;
  const { startTimeoutMs = behaviour.type === 'supervisor' ? 'infinity' : START_TIMEOUT_MS } = spec;
  if (startTimeoutMs === 'infinity') return undefined;
  const late = (): void => process.die({ error: ChildFailure.startTimeout(spec.id, startTimeoutMs) });
  return system.runtime.timers.after(startTimeoutMs, late, { background: true });
}

function begin(process: Process, outcome: Outcome<unknown, unknown>): Process {
  if (!isOutcome(outcome)) throw failStart(process, { error: new NoOutcome(process.label) });
  const { state, next, reason } = outcome;
  if (process.reason !== undefined) throw new StartFailed(process.spec.id, process.reason);
  if (reason === 'ignore') {
    process.die('normal');
    throw ChildFailure.ignored(process.spec.id);
  }
  if (reason !== undefined) throw failStart(process, reason);
  process.begin(state === KEEP ? undefined : state, next);
  return process;
}

function failStart(process: Process, reason: ExitReason): StartFailed {
  process.die(reason);
  return new StartFailed(process.spec.id, reason);
}
