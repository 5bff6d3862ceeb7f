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
const RETRIES_MAX = 2;
/** Pages are large: many that arrive together would hold up everybody else's answers. */
export const LISTS_AT_ONCE = 8;

/** For whom, and under which id and trace, a command runs. The id is the same on every retry. */
type Sender = Pick<Caller, 'tenant' | 'commandId' | 'traceparent'>;

/** The messages of a protocol that change nothing, as functions. */
export type ReadsOf<P> = ClientOf<P, Message<unknown, unknown, unknown, true>>;

interface Command extends Sender, Addressee {
  readonly message: Message;
  readonly body: unknown;
  readonly deadlineMs: number;
}

/** The part of the broker's requester that sends commands. */
export type CommandBroker = Pick<Requester, 'request'>;

/**
 * Sends commands to the actors behind the broker, each with a deadline, and awaits their answers. It
 * is the one place that retries: at once when the answer is `unavailable`, and when none has come
 * after 300 ms, at most twice and within a budget. The command id is the same each time, so
 * whichever attempt arrives first is applied, and the others get its answer.
 */
export class CommandClient {
  private openCount = 0;
  /** When commands began to be sent without any of them being answered. */
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
      help: 'from sending a command to its answer, retries included',
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

  /** For how long commands have been sent without one of them being answered; 0 while they are, or none is sent. */
  get unansweredMs(): number {
    return this.unansweredSinceMs === undefined
      ? 0
      : this.options.runtime.clock.monotonicMs() - this.unansweredSinceMs;
  }

  /**
   * The messages of a protocol to one thing, as functions. Each resolves with the thing's answer. It rejects with the failure
   * that was answered, or with `unknown` when the deadline passes or the answer is not valid: the command may have been applied,
   * and a retry with the same id finds out.
   * A few lists are under way at once. The others wait, and are refused as `throttled` or `unavailable` when there are too many of
   * them or no time is left.
   */
  to<P extends Protocol>(declared: P, key: KeyOf<P>, { tenant, commandId, traceparent }: Sender): ClientOf<P> {
    const { market, actor } = addresseeOf(declared, key);
    return clientOf(declared, (message, body) => this.send({
      message, market, actor, tenant, commandId, traceparent, body, deadlineMs: this.options.runtime.clock.nowMs() + DEADLINE_MS,
    }));
  }

  /** As `to`, of the messages that change nothing. Each thing is read under an id of its own, whatever the caller's is. */
  reading<P extends Protocol>(declared: P, key: KeyOf<P>, { tenant, traceparent }: Omit<Sender, 'commandId'>): ReadsOf<P> {
    return this.to(declared, key, { tenant, traceparent, commandId: uuidv7(this.options.runtime) }) as object as ReadsOf<P>;
  }

  private send(command: Command): Promise<unknown> {
    if (!command.message.takesTurns) return this.sendNow(command);
    // Under a name of its own each is asked by itself: the process that answers joins equal questions.
    return this.lists.run(uuidv7(this.options.runtime), command.deadlineMs, () => this.sendNow(command));
  }

  private async sendNow(command: Command): Promise<unknown> {
    const { clock } = this.options.runtime;
    const sentAtMs = clock.monotonicMs();
    this.openCount += 1;
    this.unansweredSinceMs ??= sentAtMs;
    try {
      return await this.sendUntilAnswered(command);
    } finally {
      this.openCount -= 1;
      if (this.openCount === 0) this.unansweredSinceMs = undefined;
      this.latency.observe({ type: command.message.type }, (clock.monotonicMs() - sentAtMs) / 1_000);
    }
  }

  private sendUntilAnswered(command: Command): Promise<unknown> {
    const { timers } = this.options.runtime;
    this.budget.sent();
    return new Promise((resolve, reject) => {
      let open = 0;
      let retriesLeft = RETRIES_MAX;
      let worst: unknown;
      const attempt = (): void => {
        open += 1;
        this.attempt(command).then(settle, failed);
      };
      const retry = (cause: 'unavailable' | 'silence'): boolean => {
        if (retriesLeft === 0 || !this.budget.mayRetry()) return false;
        retriesLeft -= 1;
        this.retries.inc({ cause });
        attempt();
        return true;
      };
      const silence = timers.every(SILENCE_MS, () => {
        if (!retry('silence')) silence.cancel();
      });
      const settle = (answer: unknown): void => {
        this.answered();
        silence.cancel();
        resolve(answer);
      };
      const failed = (failure: unknown): void => {
        open -= 1;
        if (isFailure(failure) && failure.code === 'message.reply_invalid') this.counts.refused('reply', command.message);
        if (!isOf(failure, 'unknown')) this.answered();
        if (isOf(failure, 'unavailable') && retry('unavailable')) return;
        if (!worst || rank(failure) > rank(worst)) worst = failure;
        if (rank(worst) >= FINAL) retriesLeft = 0;
        // Other attempts are pending and may succeed; do not reject yet.
        if (open > 0) return;
        silence.cancel();
        reject(worst instanceof Error ? worst : new Error(String(worst)));
      };
      attempt();
    });
  }

  private answered(): void {
    this.unansweredSinceMs = this.openCount > 0 ? this.options.runtime.clock.monotonicMs() : undefined;
  }

  private attempt({ message, commandId: id, tenant, market, actor, traceparent, deadlineMs, body }: Command): Promise<unknown> {
    return ask(this.options.broker, message, { id, tenant, market, actor, traceparent, deadlineMs }, body);
  }
}

function isOf(failure: unknown, kind: Failure['kind']): boolean {
  return isFailure(failure) && failure.kind === kind;
}

/**
 * Which of several attempts' failures is the answer: a refusal says what the rules think, `unknown` that an attempt
 * may have been applied, and the rest only that one was not.
 */
function rank(failure: unknown): number {
  if (isOf(failure, 'unavailable') || isOf(failure, 'throttled')) return 0;
  return isOf(failure, 'unknown') ? 1 : FINAL;
}

const FINAL = 2;
