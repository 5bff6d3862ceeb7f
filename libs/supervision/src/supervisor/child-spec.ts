import { checkChoice, checkDuration, checkFunction, checkOptions, checkText } from '@aisle/std';
import { ChildFailure } from '../failures.ts';
import type { Protocol, Unchecked } from '../message/protocol.ts';
import type { Name, Ref } from '../message/ref.ts';
import type { Behaviour } from '../process/behaviour.ts';
import type { MaybePromise } from '../process/outcome.ts';

/** When a supervisor restarts a child: always, after an abnormal end only, or never. */
export type Restart = 'permanent' | 'transient' | 'temporary';

/** The time that a child has to end before it is killed, in milliseconds. */
export type Shutdown = number | 'infinity' | 'brutal_kill';

/** The start, restart and end of one child; OTP's child specification. */
export interface ChildSpec<A = Unchecked, P extends Protocol = Unchecked> {
  /** Unique among the children of one supervisor; shown by `observe`. */
  readonly id: string;
  /** Starts the child by `ctx.startLink`. A server's `childSpec` fills this in. */
  readonly start: (args: A, ctx: StartContext) => MaybePromise<Ref<P>>;
  readonly args: A;
  /** `permanent` by default. */
  readonly restart?: Restart | undefined;
  /** 5,000 ms by default; `infinity` for supervisors. */
  readonly shutdown?: Shutdown | undefined;
  /**
   * The time limit of `init` in milliseconds. Past it the process is killed, and its start has failed. 60,000 by
   * default; `infinity` for supervisors, whose children have limits of their own.
   */
  readonly startTimeoutMs?: number | 'infinity' | undefined;
  /** `worker` by default. */
  readonly type?: 'worker' | 'supervisor' | undefined;
  /** Its clean end may end the supervisor: see `autoShutdown`. */
  readonly significant?: boolean | undefined;
  /** The place where the process registers itself before `init`: `via(registry, key)`. */
  readonly name?: Name | undefined;
}

/** The fields of a child specification that a server's `childSpec` accepts. */
export type ChildOptions = Partial<Omit<ChildSpec, 'start' | 'args'>>;

/** The context of a child specification's `start`. */
export interface StartContext {
  /** The starting process, its parent, and so on to the root. */
  readonly ancestors: readonly Ref[];
  /** Starts a process of `server`, linked to the parent. Synchronous if its `init` is. */
  startLink<P extends Protocol, A>(server: Behaviour<P, A>, args: A): MaybePromise<Ref<P>>;
}

export const SHUTDOWN_MS = 5_000;
export const START_TIMEOUT_MS = 60_000;

/** Throws ChildFailure.invalidSpec, which names the fault, for a specification that no supervisor accepts. */
export function checkSpec(spec: ChildSpec): void {
  try {
    const { id, start, restart, shutdown, startTimeoutMs, type, significant, name } = checkOptions('the specification', spec);
    checkText('id', id);
    checkFunction('start', start);
    if (restart !== undefined) checkChoice('restart', restart, ['permanent', 'transient', 'temporary']);
    checkTime('shutdown', shutdown, ['infinity', 'brutal_kill']);
    checkTime('startTimeoutMs', startTimeoutMs, ['infinity']);
    if (type !== undefined) checkChoice('type', type, ['worker', 'supervisor']);
    if (significant !== undefined && typeof significant !== 'boolean') throw new TypeError('significant must be a boolean');
    if (name !== undefined) checkFunction('name.register', checkOptions('name', name).register);
  } catch (error) {
    throw ChildFailure.invalidSpec(idOf(spec), (error as Error).message);
  }
}

function checkTime<T extends string>(name: string, time: number | T | undefined, words: readonly T[]): void {
  if (time === undefined) return;
  if (typeof time === 'string') checkChoice(name, time, words);
  else checkDuration(name, time);
}

function idOf(spec: unknown): string {
  try {
    return String((spec as Partial<ChildSpec>).id);
  } catch {
    return 'unreadable';
  }
}

/** A child specification, with OTP's defaults where `options` is silent. */
export function specOf<A, P extends Protocol>(
  behaviour: Pick<Behaviour, 'name' | 'type'>,
  start: ChildSpec<A, P>['start'],
  args: A,
  options: ChildOptions = {},
): ChildSpec<A, P> {
  const { type } = behaviour;
  return {
    id: options.id ?? behaviour.name,
    start,
    args,
    restart: options.restart ?? 'permanent',
    shutdown: options.shutdown ?? (type === 'supervisor' ? 'infinity' : SHUTDOWN_MS),
    type: options.type ?? type,
    significant: options.significant ?? false,
    name: options.name,
    ...(options.startTimeoutMs !== undefined && { startTimeoutMs: options.startTimeoutMs }),
  };
}
