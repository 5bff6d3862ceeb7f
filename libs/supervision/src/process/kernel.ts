import type { Runtime } from '@aisle/std';
import type { DeadLetters } from '../message/dead-letters.ts';
import type { Protocol, Unchecked } from '../message/protocol.ts';
import type { Ref } from '../message/ref.ts';
import type { RequestDeadlines } from '../message/request.ts';
import type { SystemHooks } from '../reports.ts';
import type { ChildSpec } from '../supervisor/child-spec.ts';
import type { MaybePromise } from './outcome.ts';
import type { Scheduler } from './scheduler.ts';

/** The part of the system that its processes use. */
export interface Kernel {
  readonly runtime: Runtime;
  readonly hooks: SystemHooks;
  readonly deadLetters: DeadLetters;
  readonly deadlines: RequestDeadlines;
  readonly scheduler: Scheduler;
  /** Every living process. */
  readonly processes: Set<Ref>;
  nextPid(): number;
  /** Starts a child of `parent`, synchronously if its `init` is synchronous. */
  spawn<P extends Protocol>(
    spec: ChildSpec<Unchecked, P>,
    parent: Ref | undefined,
  ): MaybePromise<Ref<P>>;
  /** Runs foreign code. An error in it surfaces as uncaught and harms no process here. */
  shield(run: () => void): void;
}
