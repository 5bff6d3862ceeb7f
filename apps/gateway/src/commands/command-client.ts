import { ask, ReadLane, type Requester } from '@aisle/broker';
import {
  addresseeOf, clientOf, type Addressee, type ClientOf, type KeyOf, type Message, type Protocol,
} from '@aisle/contracts';
import { Counter, Histogram, messageCounts, type MessageCounts, type Registry } from '@aisle/platform';
import { isFailure, uuidv7, type Failure, type Runtime } from '@aisle/std';
import type { Caller } from '../routes/caller.ts';
import { RetryBudget } from './retry-budget.ts';

const DEADLINE_MS = 5_000;
const SILENCE_MS = 300;
const SILENCE_AGAIN_MS = 600;
const UNAVAILABLE_RETRIES_MAX = 2;
/** Lists requested at once. Their pages are large, and many of them together would delay all other answers. */
export const LISTS_AT_ONCE = 8;

/** The tenant, principal, id and trace of a command. The id is the same on every retry. */
type Sender = Pick<Caller, 'tenant' | 'by' | 'commandId' | 'traceparent'>;

/** A client with the repeatable messages of a protocol, which change nothing. */
export type ReadsOf<P> = ClientOf<P, Message<unknown, unknown, unknown, true>>;

interface Command extends Sender, Addressee {
  readonly message: Message;
  readonly body: unknown;
  readonly deadlineMs: number;
}

/** The part of the broker's requester that sends commands. */
export type CommandBroker = Pick<Requester, 'request'>;

/**
 * Sends commands to the actors behind the broker and awaits their answers, each with a deadline of 5 s.
 *
 * It is the one place that retries: at once after `unavailable`, at most twice; and after 300 ms of silence, then every 600 ms until the
 * deadline. So a command that was lost in an outage is sent again soon after its end. Each attempt has the same command id: the
 * first to arrive is applied, and the others receive its answer.
 *
 * A budget bounds all retries, so that they add little to an overload. Those of an outage are free, since no command is answered then.
 */
export class CommandClient {
  private openCount = 0;
  /** The start of the time in which commands are open and none has been answered. */
  private unansweredSinceMs: number | undefined;
  private readonly budget = new RetryBudget();
  private readonly lists: ReadLane;
  private readonly latency: Histogram<'type'>;
  private readonly retries: Counter<'cause'>;
  private readonly counts: MessageCounts;

  constructor(
    private readonly options: { broker: CommandBroker; runtime: Runtime; metrics: Registry },
  ) {
    const registers = [options.metrics];
    this.counts = messageCounts(options.metrics);
    this.lists = new ReadLane({ runtime: options.runtime, atOnce: LISTS_AT_ONCE });
    this.latency = new Histogram({
      name: 'gateway_command_seconds',
      help: 'seconds from sending a command to its answer, including retries',
      labelNames: ['type'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    });
    this.retries = new Counter({
      name: 'gateway_command_retries_total',
      help: 'commands sent again with the same id',
      labelNames: ['cause'],
      registers,
    });
  }

  /** The time for which commands have been open without any answer; 0 while answers arrive or no command is open. */
  get unansweredMs(): number {
    return this.unansweredSinceMs === undefined
      ? 0
      : this.options.runtime.clock.monotonicMs() - this.unansweredSinceMs;
  }

  /**
   * Creates a client of a protocol for one addressee. Each method resolves with the answer, or rejects with the failure that was
   * answered. It rejects as `unknown` if the deadline passes or the answer is invalid. The command may have been applied then, and a
   * retry with the same id finds out.
   *
   * A few lists run at once, and others wait. They reject as `throttled` if too many wait, and as `unavailable` if no time is left.
   */
  to<P extends Protocol>(declared: P, key: KeyOf<P>, { tenant, by, commandId, traceparent }: Sender): ClientOf<P> {
    const { market, actor } = addresseeOf(declared, key);
    return clientOf(declared, (message, body) => this.send({
      message, market, actor, tenant, by, commandId, traceparent, body, deadlineMs: this.options.runtime.clock.nowMs() + DEADLINE_MS,
    }));
  }

  /** As `to`, for messages that change nothing. They have a new command id and never the caller's. */
  reading<P extends Protocol>(declared: P, key: KeyOf<P>, { tenant, by, traceparent }: Omit<Sender, 'commandId'>): ReadsOf<P> {
    return this.to(declared, key, { tenant, by, traceparent, commandId: uuidv7(this.options.runtime) }) as object as ReadsOf<P>;
  }

  private send(command: Command): Promise<unknown> {
    if (!command.message.takesTurns) return this.sendNow(command);
    // A unique name keeps the lane from joining equal requests. The answering process joins them.
    return this.lists.run(uuidv7(this.options.runtime), command.deadlineMs, () => this.sendNow(command));
  }

  private sendNow(command: Command): Promise<unknown> {
    const { clock, timers } = this.options.runtime;
    const sentAtMs = clock.monotonicMs();
    this.openCount += 1;
    this.unansweredSinceMs ??= sentAtMs;
    this.budget.sent();
    return new Promise((resolve, reject) => {
      let open = 0;
      let retriesLeft = UNAVAILABLE_RETRIES_MAX;
      let worst: unknown;
      const attempt = (): void => {
        open += 1;
        this.attempt(command).then(settle, failed);
      };
      const retry = (cause: 'unavailable' | 'silence'): void => {
        this.retries.inc({ cause });
        attempt();
      };
      const retryAfterSilence = (): void => {
        if (clock.nowMs() >= command.deadlineMs) return;
        silence = timers.after(SILENCE_AGAIN_MS, retryAfterSilence);
        if (this.unansweredMs >= SILENCE_MS || this.budget.mayRetry()) retry('silence');
      };
      let silence = timers.after(SILENCE_MS, retryAfterSilence);
      let isEnded = false;
      const end = (): void => {
        if (isEnded) return;
        isEnded = true;
        silence.cancel();
        this.openCount -= 1;
        if (this.openCount === 0) this.unansweredSinceMs = undefined;
        this.latency.observe({ type: command.message.type }, (clock.monotonicMs() - sentAtMs) / 1_000);
      };
      const settle = (answer: unknown): void => {
        this.answered();
        end();
        resolve(answer);
      };
      const failed = (failure: unknown): void => {
        open -= 1;
        if (isFailure(failure) && failure.code === 'message.reply_invalid') this.counts.refused('reply', command.message);
        if (!isKind(failure, 'unknown')) this.answered();
        if (isKind(failure, 'unavailable') && retriesLeft > 0 && this.budget.mayRetry()) {
          retriesLeft -= 1;
          return retry('unavailable');
        }
        if (!worst || rank(failure) > rank(worst)) worst = failure;
        if (rank(worst) >= FINAL) {
          retriesLeft = 0;
          silence.cancel();
        }
        // Other attempts are pending and may succeed; do not reject yet.
        if (open > 0) return;
        end();
        reject(worst instanceof Error ? worst : new Error(String(worst)));
      };
      attempt();
    });
  }

  private answered(): void {
    this.unansweredSinceMs = this.openCount > 0 ? this.options.runtime.clock.monotonicMs() : undefined;
  }

  private attempt({ message, commandId: id, tenant, market, actor, by, traceparent, deadlineMs, body }: Command): Promise<unknown> {
    return ask(this.options.broker, message, { id, tenant, market, actor, by, traceparent, deadlineMs }, body);
  }
}

function isKind(failure: unknown, kind: Failure['kind']): boolean {
  return isFailure(failure) && failure.kind === kind;
}

/**
 * Ranks the failures of several attempts; the highest is the answer. A refusal is final. `unknown` means that an attempt may have
 * been applied. The others only mean that one attempt was not.
 */
function rank(failure: unknown): number {
  if (isKind(failure, 'unavailable') || isKind(failure, 'throttled')) return 0;
  return isKind(failure, 'unknown') ? 1 : FINAL;
}

const FINAL = 2;
