import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { History, type BasketOperation, type Invocation, type Lines } from '@aisle/simulation';
import type { Random } from '@aisle/std';
import { seededRandom } from '@aisle/std/testing';
import { drawOperation, requestOf } from './operations.ts';
import { send, type ShopAnswer, type AnswerBody } from './shop-http.ts';

export interface WorkloadOptions {
  readonly seed: number;
  readonly baskets: readonly string[];
  readonly clients: number;
  /** The longest pause of a shopper between two operations; 240 ms by default. */
  readonly thinkMsMax?: number;
  /** The present address, read before each request; undefined if there is none. */
  readonly gatewayUrl: () => string | undefined;
  /** Called for every answer that no client may ever get. */
  readonly onViolation: (text: string) => void;
}

/** An acknowledged write, with the content of its answer. */
export interface Acknowledged {
  readonly key: string;
  readonly basket: string;
  readonly operation: BasketOperation;
  readonly version: number;
  readonly lines: Lines;
}

/** A successful operation, with the time of its call and its duration, retries included. */
export interface Success {
  readonly basket: string;
  readonly calledAtMs: number;
  readonly tookMs: number;
}

/** A request with a retryable answer. */
export interface Setback {
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
  readonly answer: string;
}

/** The number of answers by status, or by the cause of a lost connection. */
export type AnswerCounts = Readonly<Record<string, number>>;

const THINK_MS_MAX = 240;
const RETRY_AFTER_MS = { default: 100, max: 500 };
// The time for retries of a write under its key. After it the effect stays unknown.
const GIVE_UP_AFTER_MS = 30_000;
const RETRYABLE: ReadonlySet<number> = new Set([429, 503, 504]);
/** The answers for a missing line, or for a basket that cannot have one. */
const NOT_THERE: ReadonlySet<string> = new Set(['basket.line_missing', 'basket.missing']);

/** Shoppers that share baskets over HTTP, retry as documented, and record everything they see. */
export class Workload {
  readonly history = new History(() => this.nowMs());
  readonly acknowledged: Acknowledged[] = [];
  /** Every key that was ever sent, with its basket. */
  readonly sent = new Map<string, string>();
  /** Keys whose last answer was a definite refusal, and that no other answer left in doubt. */
  readonly refused = new Set<string>();
  readonly successes: Success[] = [];
  readonly setbacks: Setback[] = [];
  private readonly answers = new Map<string, number>();
  private readonly random: Random;
  private shoppers: Promise<void>[] = [];
  private isStopping = false;
  private isGivingUp = false;

  constructor(private readonly options: WorkloadOptions) {
    this.random = seededRandom(options.seed);
  }

  /** This process's monotonic clock, by which everything here is timed. */
  nowMs(): number {
    return performance.now();
  }

  get answerCounts(): AnswerCounts {
    return Object.fromEntries([...this.answers].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  start(): void {
    const { clients, seed } = this.options;
    this.shoppers = Array.from({ length: clients }, (_, number) =>
      this.shop(`shopper ${number}`, seededRandom(seed * 1_000 + number)));
  }

  /** Resolves when every pending operation has ended. Those that do not end within 15 s stay unknown. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const patience = new AbortController();
    void sleep(15_000, undefined, { signal: patience.signal }).then(() => (this.isGivingUp = true), () => {});
    await Promise.all(this.shoppers);
    patience.abort();
  }

  /** One read; true if it was answered. */
  async read(client: string, basket: string): Promise<boolean> {
    const calledAtMs = this.nowMs();
    const invocation = this.history.invoke(client, basket, { op: 'read' });
    const answer = await this.ask(basket, { op: 'read' });
    const basketNow = successOf(answer);
    if (basketNow) {
      invocation.ok(linesOf(basketNow));
    } else if (answer.kind === 'answered' && NOT_THERE.has(answer.body.code ?? '')) {
      invocation.ok({});
    } else {
      invocation.fail();
      this.complainUnlessRetryable(answer, `read of ${basket}`);
      return false;
    }
    this.successes.push({ basket, calledAtMs, tookMs: this.nowMs() - calledAtMs });
    return true;
  }

  /** One write, retried under its key until its answer is final; true unless it stays unknown. */
  async write(client: string, basket: string, operation: BasketOperation): Promise<boolean> {
    const calledAtMs = this.nowMs();
    const key = randomUUID();
    const invocation = this.history.invoke(client, basket, operation);
    this.sent.set(key, basket);
    let isInDoubt = false;
    while (!this.isGivingUp && this.nowMs() < calledAtMs + GIVE_UP_AFTER_MS) {
      const answer = await this.ask(basket, operation, key);
      const success = successOf(answer);
      if (success) {
        const lines = linesOf(success);
        this.acknowledged.push({ key, basket, operation, version: success.version ?? 0, lines });
        invocation.ok(lines);
        this.successes.push({ basket, calledAtMs, tookMs: this.nowMs() - calledAtMs });
        return true;
      }
      if (!isRetryable(answer)) return this.refuse({ invocation, answer, operation, key, isInDoubt });
      isInDoubt = true;
      const wanted = answer.kind === 'answered' ? answer.retryAfterMs : undefined;
      await this.pause(Math.min(wanted ?? RETRY_AFTER_MS.default, RETRY_AFTER_MS.max));
    }
    invocation.unknown();
    return false;
  }

  /** Sends an acknowledged write again; returns the difference in the answer, if any. */
  async replay({ key, basket, operation, version, lines }: Acknowledged): Promise<string | undefined> {
    const answer = await this.ask(basket, operation, key);
    const success = successOf(answer);
    if (!success) return isRetryable(answer) ? undefined : describe(answer);
    const again = linesOf(success);
    const isSame = success.version === version && textOf(again) === textOf(lines);
    if (isSame) return undefined;
    return `version ${success.version} {${textOf(again)}} instead of ${version} {${textOf(lines)}}`;
  }

  private async shop(client: string, random: Random): Promise<void> {
    const { baskets } = this.options;
    while (!this.isStopping) {
      const basket = baskets[random.int(baskets.length)] as string;
      const operation = drawOperation(random);
      if (operation.op === 'read') await this.read(client, basket);
      else await this.write(client, basket, operation);
      await sleep(random.next() * (this.options.thinkMsMax ?? THINK_MS_MAX));
    }
  }

  private async ask(basket: string, operation: BasketOperation, key?: string): Promise<ShopAnswer> {
    const sentAtMs = this.nowMs();
    const answer = await send(this.options.gatewayUrl(), requestOf(basket, operation, key));
    const name = answer.kind === 'answered' ? String(answer.status) : answer.cause;
    this.answers.set(name, (this.answers.get(name) ?? 0) + 1);
    if (isRetryable(answer)) {
      const what = `${operation.op} ${basket}: ${describe(answer)}`;
      this.setbacks.push({ sentAtMs, answeredAtMs: this.nowMs(), answer: what });
    }
    return answer;
  }

  /** A final answer without success. It certainly was not applied only if no earlier attempt may have been. */
  private refuse(refusal: {
    invocation: Invocation; answer: ShopAnswer; operation: BasketOperation; key: string; isInDoubt: boolean;
  }): boolean {
    const { invocation, answer, operation, key, isInDoubt } = refusal;
    const isMissing = answer.kind === 'answered' && NOT_THERE.has(answer.body.code ?? '');
    const isRule = operation.op === 'remove' && isMissing;
    if (!isRule) this.options.onViolation(`${operation.op} was answered ${describe(answer)}`);
    if (isInDoubt || !isRule) {
      invocation.unknown();
    } else {
      invocation.refused();
      this.refused.add(key);
    }
    return isRule;
  }

  private complainUnlessRetryable(answer: ShopAnswer, what: string): void {
    if (!isRetryable(answer)) this.options.onViolation(`${what} was answered ${describe(answer)}`);
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms * (0.5 + this.random.next()));
  }
}

function successOf(answer: ShopAnswer): AnswerBody | undefined {
  return answer.kind === 'answered' && answer.status >= 200 && answer.status < 300 ? answer.body : undefined;
}

function isRetryable(answer: ShopAnswer): boolean {
  return answer.kind === 'lost' || RETRYABLE.has(answer.status);
}

function describe(answer: ShopAnswer): string {
  return answer.kind === 'lost' ? answer.cause : `${answer.status} ${answer.body.code ?? ''}`;
}

function linesOf({ lines = [] }: AnswerBody): Lines {
  return Object.fromEntries(lines.map(({ sku, quantity }) => [sku, quantity]));
}

function textOf(lines: Lines): string {
  return Object.entries(lines).map(([sku, quantity]) => `${sku}:${quantity}`).sort().join(' ');
}
