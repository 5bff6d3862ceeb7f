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

/** To a follower of a group: subscribe to this member, too. */
export class Joined<E> {
  constructor(
    readonly member: Ref,
    readonly options: SubscribeOptions<E>,
  ) {}
}

/** To itself, later: a wait is over. */
export class Due {
  constructor(readonly what: unknown) {}
}

/** The messages between stages. A `Delivery` is a delivery on its way down, and an acknowledgement on its way up. */
export type StageMessage<E = Unchecked> =
  | Delivery<E>
  | Freed<E>
  | Subscription<E>
  | Joined<E>
  | Due
  | typeof WAKE
  | typeof LULL;

/** The protocol of every stage: the messages of other stages. */
export interface StageProtocol {
  info: StageMessage;
}

/** The protocol of a stage with consumers. `counts` says where its events are. */
export interface OutletProtocol extends StageProtocol {
  call: { counts(): OutletCounts };
}

/** The protocol of a producer. The functions `drain` and `finished` send these calls. */
export interface ProducerProtocol extends StageProtocol {
  call: { counts(): OutletCounts; drain(): void; finished(): void };
}

/** The context of a stage at its start. */
export interface StageContext {
  readonly runtime: Runtime;
  /** Asks the producer again, after it returned fewer events than demanded. */
  wake(): void;
}

/** The options of all stages. */
export interface StageOptions {
  /** Unique among the children of its supervisor. A broadcast recognises a restarted subscriber by it. */
  readonly id: string;
  readonly faults?: Faults;
  /**
   * @internal The time that its pipeline has to run dry. A stage that is still busy then is not awaited for much
   * longer.
   */
  readonly drainMs?: number | undefined;
  /** Told of each error that crashes this stage, and of each event whose key, selector or dead letter fails. */
  readonly onCrash?: (error: unknown) => void;
}

/** The options of stages with consumers. */
export interface OutletOptions<E> {
  /** `demand` by default. */
  readonly dispatcher?: Dispatcher<E>;
  /** The treatment of events during which a consumer crashed. */
  readonly retry?: RetryOptions<E>;
  /** The group that this stage belongs to. */
  readonly group?: StageGroup;
  /**
   * @internal A failing key crashes the stage, and its input comes again. For stages whose retries are those above
   * them.
   */
  readonly isStrict?: boolean;
}

/**
 * A stage's mailbox needs no bound of its own: each delivery in it uses up demand for at least one event, and demand is
 * bounded.
 */
export const BOUND_BY_DEMAND = { messagesMax: Infinity } as const;

const SHUTDOWN_MS = 5_000;

/** The id and the shutdown time of a stage's specification. Throws for invalid options. */
export function childOptionsOf({ id, faults, onCrash, drainMs = SHUTDOWN_MS }: StageOptions): ChildOptions & { id: string } {
  checkText('id', id);
  if (onCrash !== undefined) checkFunction('onCrash', onCrash);
  if (faults !== undefined && typeof faults.run !== 'function') throw new TypeError('faults must be made by `new Faults(…)`');
  return { id, shutdown: Math.min(drainMs, SHUTDOWN_MS) };
}

/** True for the end of a watched process, and false for any imitation of one. */
export function isDown(message: unknown): message is Down {
  return typeof message === 'object' && message !== null && (message as Partial<Down>).type === 'down' && 'ref' in message;
}

/** Recognises a promise by its `then`. */
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
    // The timer may outlive the process, as the events that it releases do.
    after: (delayMs, run) => void runtime.timers.after(delayMs, run, { background: true }),
    wake: () => void (self.alive && self.send(WAKE)),
  };
}
