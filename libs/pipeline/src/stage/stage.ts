import { checkFunction, checkText, type Runtime } from '@aisle/std';
import type { ChildOptions, Context, Down, MaybePromise, Ref, Unchecked } from '@aisle/supervision';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { OutletCounts } from '../dispatch/outlet.ts';
import type { Freed, Delivery } from '../dispatch/delivery.ts';
import type { Holder, RetryOptions } from '../dispatch/retries.ts';
import type { StageGroup } from '../dispatch/stage-group.ts';
import type { LULL, SubscribeOptions, Subscription } from '../dispatch/subscription.ts';
import type { Faults } from './faults.ts';

/** Something happened outside of a turn, and there may be work now. */
export const WAKE = Symbol('wake');

/** To a follower of a group: subscribe to this one, too. */
export class Joined<E> {
  constructor(
    readonly member: Ref,
    readonly options: SubscribeOptions<E>,
  ) {}
}

/** To oneself, later: the time of something is over. */
export class Due {
  constructor(readonly what: unknown) {}
}

/** What stages send each other. A delivery is a delivery on its way down, an acknowledgement on its way up. */
export type StageMessage<E = Unchecked> =
  | Delivery<E>
  | Freed<E>
  | Subscription<E>
  | Joined<E>
  | Due
  | typeof WAKE
  | typeof LULL;

/** What every stage understands: what other stages send it. */
export interface StageProtocol {
  info: StageMessage;
}

/** What a stage with consumers understands; `flow` says where its events are. */
export interface OutletProtocol extends StageProtocol {
  call: { counts(): OutletCounts };
}

/** What a producer understands; `drain` and `finished` are sent by the functions of that name. */
export interface ProducerProtocol extends StageProtocol {
  call: { counts(): OutletCounts; drain(): void; finished(): void };
}

/** What a stage is given when it starts. */
export interface StageContext {
  readonly runtime: Runtime;
  /** Asks the producer again, which had fewer events than were demanded. */
  wake(): void;
}

/** What all stages may choose. */
export interface StageOptions {
  /** Unique among the children of its supervisor. A broadcast knows a restarted subscriber by it. */
  readonly id: string;
  readonly faults?: Faults;
  /** @internal How long its pipeline may take to run dry: a stage that is still busy then is not waited for much longer. */
  readonly drainMs?: number | undefined;
  /** Hears what was thrown whenever this stage crashes by it, or an event's key, selector or dead letter fails. */
  readonly onCrash?: (error: unknown) => void;
}

/** What stages with consumers may choose. */
export interface OutletOptions<E> {
  /** `demand` by default. */
  readonly dispatcher?: Dispatcher<E>;
  /** What happens to events in the middle of which a consumer crashed. */
  readonly retry?: RetryOptions<E>;
  /** The group that this stage belongs to. */
  readonly group?: StageGroup;
  /** @internal A key that fails crashes the stage, and its input comes again: where this stage's retries are those above. */
  readonly isStrict?: boolean;
}

/**
 * A stage's mailbox needs no bound of its own: each delivery in it stands for demand of at least one
 * event that its subscription has given away, and that ends.
 */
export const BOUND_BY_DEMAND = { messagesMax: Infinity } as const;

const SHUTDOWN_MS = 5_000;

/** The id and the shutdown of a stage's specification; throws for options that no stage can work with. */
export function childOptionsOf({ id, faults, onCrash, drainMs = SHUTDOWN_MS }: StageOptions): ChildOptions & { id: string } {
  checkText('id', id);
  if (onCrash !== undefined) checkFunction('onCrash', onCrash);
  if (faults !== undefined && typeof faults.run !== 'function') throw new TypeError('faults must be made by `new Faults(…)`');
  return { id, shutdown: Math.min(drainMs, SHUTDOWN_MS) };
}

/** The end of a process that a stage watches; whatever else others send is none. */
export function isDown(message: unknown): message is Down {
  return typeof message === 'object' && message !== null && (message as Partial<Down>).type === 'down' && 'ref' in message;
}

/** Tells a promise by its `then`. */
export function isPromise<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | null | undefined)?.then === 'function';
}

export function holderOf(
  ctx: Context<ProducerProtocol> | Context<OutletProtocol>,
  onCrash?: StageOptions['onCrash'],
): Holder {
  const { self, runtime } = ctx;
  return {
    get isAlive() {
      return self.alive;
    },
    report: (error, isFirst) => {
      onCrash?.(error);
      if (isFirst && self.alive) ctx.report(error);
    },
    // Outlives the process if need be, as what it releases does.
    after: (delayMs, run) => void runtime.timers.after(delayMs, run, { background: true }),
    wake: () => void (self.alive && self.send(WAKE)),
  };
}
