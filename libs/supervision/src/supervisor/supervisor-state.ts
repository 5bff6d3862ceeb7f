import { checkChoice } from '@aisle/std';
import type { ExitReason } from '../exit-reason.ts';
import { ChildFailure } from '../failures.ts';
import { Envelope, INFO } from '../message/mailbox.ts';
import type { Ref } from '../message/ref.ts';
import type { Context } from '../process/context.ts';
import type { Exit } from '../process/links.ts';
import { noReply, ok, stop, type Outcome } from '../process/outcome.ts';
import type { Process } from '../process/process.ts';
import { wait, type Steps } from './steps.ts';
import { checkSpec, type ChildSpec } from './child-spec.ts';
import {
  Child, infoOf, report, startFailure, startProcess, stopProcess, type ChildInfo,
} from './children.ts';
import {
  backoffMs, checkRestartFlags, RestartIntensity, wantsRestart, type RestartFlags,
} from './restart-policy.ts';

/** The children that restart when one ends: it alone, all children, or it and those started after it. */
export type Strategy = 'one_for_one' | 'one_for_all' | 'rest_for_one';

export interface SupervisorFlags extends RestartFlags {
  strategy: Strategy;
  /** Ends the supervisor by `shutdown` when any, or all, of its significant children have ended by themselves. */
  autoShutdown?: 'never' | 'any_significant' | 'all_significant';
}

/**
 * A supervisor's message to itself: another attempt, which is counted; or the start after a wait, which has been
 * counted.
 */
export class Retry {
  constructor(
    readonly type: 'try_again' | 'start',
    readonly child: Child,
  ) {}
}

/** The bound on waiting requests. Callers wait for their answers, so nobody floods a supervisor by mistake. */
export const REQUESTS = { messagesMax: 1_000_000 } as const;

/** Throws ChildFailure.invalidSpec for invalid flags or children. */
export function checkTree({ children, strategy, autoShutdown, ...flags }: SupervisorFlags & { children: readonly ChildSpec[] }, id: string): void {
  try {
    checkChoice('strategy', strategy, ['one_for_one', 'one_for_all', 'rest_for_one']);
    if (autoShutdown !== undefined) checkChoice('autoShutdown', autoShutdown, ['never', 'any_significant', 'all_significant']);
    checkRestartFlags(flags);
    if (!Array.isArray(children)) throw new TypeError('children must be an array');
  } catch (error) {
    throw ChildFailure.invalidSpec(id, (error as Error).message);
  }
  for (const child of children) checkSpec(child);
}

type Decision = Outcome<never, SupervisorState>;

/** The children of one supervisor, managed by the rules of OTP's manual. */
export class SupervisorState {
  /** In start order. */
  private readonly children = new Map<string, Child>();
  private readonly self: Process;
  private readonly intensity: RestartIntensity;

  constructor(
    private readonly flags: SupervisorFlags,
    private readonly ctx: Context,
  ) {
    this.self = ctx.self as Process;
    this.intensity = new RestartIntensity(flags);
  }

  /** Starts the children from left to right. One that fails ends those before it. */
  *startAll(specs: readonly ChildSpec[]): Steps<Decision> {
    const ids = new Set<string>();
    for (const spec of specs) {
      if (ids.has(spec.id)) throw ChildFailure.invalidSpec(spec.id, 'another child has this id');
      ids.add(spec.id);
      this.check(spec);
    }
    for (const spec of specs) {
      const child = new Child(spec);
      try {
        yield* this.start(child);
      } catch (error) {
        report(this.self, 'start_failed', spec.id, startFailure(error));
        yield* this.stopAll();
        return stop({ shutdown: error });
      }
      this.keep(child);
    }
    return ok(this);
  }

  /** Stops the children from right to left, each within its own time. */
  stopAll(): Steps<void> {
    return this.stopThese([...this.children.values()]);
  }

  *add(spec: ChildSpec): Steps<Ref> {
    this.check(spec);
    const child = new Child(spec);
    yield* this.start(child);
    this.keep(child);
    return refOf(child);
  }

  *terminate(id: string): Steps<void> {
    const child = this.find(id);
    yield* this.stop(child);
    if (child.isTemporary) this.remove(child);
  }

  *restart(id: string): Steps<Ref> {
    const child = this.findStopped(id);
    yield* this.start(child);
    return refOf(child);
  }

  *delete(id: string): Steps<void> {
    this.remove(this.findStopped(id));
  }

  which(): ChildInfo[] {
    return [...this.children.values()].map(({ spec, process, restarting }) =>
      infoOf(spec, restarting ? 'restarting' : process),
    );
  }

  specOf(id: string): ChildSpec {
    return this.find(id).spec;
  }

  /** Handles a child that ended by itself. By OTP's table it is restarted, stays stopped, or ends the supervisor. */
  *exited({ from, reason }: Exit): Steps<Decision> {
    const process = from as Process | undefined;
    const child = process === undefined ? undefined : this.children.get(process.spec.id);
    // As in OTP, ignore a process that is neither child nor parent.
    if (process === undefined || child?.process !== process || process.alive) return noReply(this);
    report(this.self, 'child_terminated', child.spec.id, reason);
    child.process = undefined;
    if (wantsRestart(child.spec.restart ?? 'permanent', reason)) {
      const { runtime } = this.ctx;
      const livedMs = runtime.clock.monotonicMs() - process.startedAtMs;
      if (livedMs >= (this.flags.backoff?.maxMs ?? 0)) child.attempts = 0;
      return yield* this.revive(child, reason);
    }
    if (child.isTemporary) this.remove(child);
    return this.endsWith(child) ? stop('shutdown', this) : noReply(this);
  }

  *retry({ type, child }: Retry): Steps<Decision> {
    // The child was stopped, started or deleted by a request in the meantime.
    if (!child.restarting || this.children.get(child.spec.id) !== child) return noReply(this);
    return yield* type === 'start' ? this.startWith(child) : this.revive(child, 'noproc');
  }

  private *revive(child: Child, reason: ExitReason): Steps<Decision> {
    const { runtime } = this.ctx;
    const { backoff } = this.flags;
    if (!this.intensity.allows(runtime.clock.monotonicMs())) {
      report(this.self, 'gave_up', child.spec.id, reason);
      return stop('shutdown', this);
    }
    yield* this.stopThese(this.kin(child).filter((other) => other !== child));
    child.restarting = true;
    if (backoff === undefined) return yield* this.startWith(child);
    const delayMs = backoffMs(backoff, child.attempts, runtime.random);
    child.attempts += 1;
    this.ctx.sendAfter(delayMs, new Retry('start', child));
    return noReply(this);
  }

  /** Restarts all children that the strategy ties to this one. A failed start is repeated. */
  private *startWith(child: Child): Steps<Decision> {
    for (const next of this.kin(child)) {
      if (next.process !== undefined) continue;
      next.restarts += 1;
      try {
        yield* this.start(next);
      } catch (error) {
        report(this.self, 'start_failed', next.spec.id, startFailure(error));
        next.restarting = true;
        this.self.post(new Envelope(INFO, undefined, new Retry('try_again', next), 0));
        break;
      }
    }
    return noReply(this);
  }

  private *start(child: Child): Steps<void> {
    child.restarting = false;
    try {
      child.process = yield* wait(startProcess(this.ctx, child.spec));
      child.process.restarts = child.restarts;
    } catch (error) {
      // The child wants no process, and stays in the list without one.
      if (!ChildFailure.ignored.is(error)) throw error;
    }
  }

  private *stop(child: Child): Steps<void> {
    const { process } = child;
    child.restarting = false;
    child.process = undefined;
    if (process !== undefined) yield* wait(stopProcess(this.self, process));
  }

  /** The children that are restarted together with this one, in start order. */
  private kin(child: Child): Child[] {
    const { strategy } = this.flags;
    if (strategy === 'one_for_one') return [child];
    const all = [...this.children.values()];
    return strategy === 'one_for_all' ? all : all.slice(all.indexOf(child));
  }

  private *stopThese(children: Child[]): Steps<void> {
    for (const child of children.reverse()) {
      yield* this.stop(child);
      // As in OTP, a temporary child that is stopped because of another one does not come back.
      if (child.isTemporary) this.remove(child);
    }
  }

  private endsWith(child: Child): boolean {
    const { autoShutdown = 'never' } = this.flags;
    if (autoShutdown === 'never' || !child.spec.significant) return false;
    const left = [...this.children.values()].some(
      (other) => other.spec.significant && (other.process !== undefined || other.restarting),
    );
    return autoShutdown === 'any_significant' || !left;
  }

  private check(spec: ChildSpec): void {
    const { autoShutdown = 'never' } = this.flags;
    if (spec.significant && autoShutdown === 'never') {
      throw ChildFailure.invalidSpec(spec.id, 'a significant child needs a supervisor with autoShutdown');
    }
    if (spec.significant && (spec.restart ?? 'permanent') === 'permanent') {
      throw ChildFailure.invalidSpec(spec.id, 'a permanent child cannot be significant');
    }
    const present = this.children.get(spec.id);
    if (present === undefined) return;
    const runs = present.process !== undefined || present.restarting;
    throw runs ? ChildFailure.alreadyStarted(spec.id) : ChildFailure.alreadyPresent(spec.id);
  }

  private find(id: string): Child {
    const child = this.children.get(id);
    if (child === undefined) throw ChildFailure.notFound(id);
    return child;
  }

  private findStopped(id: string): Child {
    const child = this.find(id);
    if (child.process !== undefined || child.restarting) throw ChildFailure.running(id);
    return child;
  }

  private keep(child: Child): void {
    if (child.process !== undefined || !child.isTemporary) this.children.set(child.spec.id, child);
  }

  private remove(child: Child): void {
    this.children.delete(child.spec.id);
  }
}

function refOf({ spec, process }: Child): Ref {
  if (process === undefined) throw ChildFailure.ignored(spec.id);
  return process;
}
