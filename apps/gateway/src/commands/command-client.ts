import { ReadLane } from '@aisle/broker';
import type { BrokerClient } from '@aisle/broker/nest';
import { queueOf } from '@aisle/contracts';
import { assert, isFailure, uuidv7, type Failure, type Runtime } from '@aisle/std';
import { Counter, Histogram, type Registry } from '@aisle/telemetry';
import { LISTS, LISTS_AT_ONCE } from './lists.ts';
import { RetryBudget } from './retry-budget.ts';

// Until there are tenants, everything runs under one, already in every key and envelope.
const TENANT = 'default';
const DEADLINE_MS = 5_000;
const SILENCE_MS = 300;
const RETRIES_MAX = 2;

/** Whom a command is for, and under which id and trace it runs. */
export interface Address {
  readonly market: string;
  readonly actor: string;
  readonly commandId: string;
  readonly traceparent: string;
}

/** What this needs of the broker's client. */
export type CommandBroker = Pick<BrokerClient, 'request'>;

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

  constructor(
    private readonly options: { broker: CommandBroker; runtime: Runtime; metrics: Registry },
  ) {
    const registers = [options.metrics];
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
   * Resolves with the actor's answer. Rejects with the failure that the actor answered, or with
   * `unknown` when the deadline passes: the command may have been applied, and a retry with the same
   * id finds out. A few lists are under way at once; the others wait, and are refused as `throttled` or `unavailable` when
   * there are too many of them or no time is left.
   */
  send<T>(type: string, to: Address, body: unknown): Promise<T> {
    const { runtime } = this.options;
    const deadlineMs = runtime.clock.nowMs() + DEADLINE_MS;
    const ask = (): Promise<T> => this.sendBy<T>(type, to, body, deadlineMs);
    return LISTS.has(type) ? this.lists.run(uuidv7(runtime), deadlineMs, ask) : ask();
  }

  private async sendBy<T>(type: string, to: Address, body: unknown, deadlineMs: number): Promise<T> {
    const { clock } = this.options.runtime;
    const sentAtMs = clock.monotonicMs();
    this.openCount += 1;
    this.unansweredSinceMs ??= sentAtMs;
    try {
      return await this.sendUntilAnswered<T>(type, to, body, deadlineMs);
    } finally {
      this.openCount -= 1;
      if (this.openCount === 0) this.unansweredSinceMs = undefined;
      this.latency.observe({ type }, (clock.monotonicMs() - sentAtMs) / 1_000);
    }
  }

  private sendUntilAnswered<T>(
    type: string,
    to: Address,
    body: unknown,
    deadlineMs: number,
  ): Promise<T> {
    const { timers } = this.options.runtime;
    this.budget.sent();
    return new Promise<T>((resolve, reject) => {
      let open = 0;
      let retriesLeft = RETRIES_MAX;
      let worst: unknown;
      const attempt = (): void => {
        open += 1;
        this.attempt<T>(type, to, body, deadlineMs).then(settle, failed);
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
      const settle = (answer: T): void => {
        this.answered();
        silence.cancel();
        resolve(answer);
      };
      const failed = (failure: unknown): void => {
        open -= 1;
        if (!isOf(failure, 'unknown')) this.answered();
        if (isOf(failure, 'unavailable') && retry('unavailable')) return;
        if (!worst || rank(failure) > rank(worst)) worst = failure;
        if (rank(worst) >= FINAL) retriesLeft = 0;
        // What is still out may bring something better, or do what the others were refused.
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

  private attempt<T>(type: string, to: Address, body: unknown, deadlineMs: number): Promise<T> {
    const { market, actor, traceparent, commandId: id } = to;
    const header = { id, type, tenant: TENANT, market, actor, traceparent, deadlineMs };
    const queue = queueOf(type);
    assert(queue !== undefined, `some app takes messages of the type ${type}`);
    return this.options.broker.request<T>(queue, header, body);
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
