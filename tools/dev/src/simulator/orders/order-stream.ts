import { setTimeout as sleep } from 'node:timers/promises';
import type { Order, OrderStatus } from '@aisle/contracts';
import { Chance } from '../chance.ts';
import type { OrderSimulatorOptions } from './options.ts';

/** The outcomes of a run's orders. */
export interface OrderTally {
  sent: number;
  /** The number of orders that were answered with 202. */
  taken: number;
  /** Refused by a rule, or never answered. */
  readonly refused: Map<string, number>;
  readonly ends: Map<OrderStatus | 'lost', number>;
}

const DONE: readonly OrderStatus[] = ['CONFIRMED', 'REJECTED', 'FULFILLED', 'CANCELLED'];
const LINES_MAX = 4;
const UNITS_MAX = 3;
const TRIES_MAX = 12;
const TRY_AFTER_MS = 250;
const DECIDED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 500;
const PATIENCE_MS = 10_000;

/** Orders of random products at a rate, each followed to its end. */
export class OrderStream {
  readonly tally: OrderTally = { sent: 0, taken: 0, refused: new Map(), ends: new Map() };
  private readonly chance: Chance;
  private readonly open = new Set<Promise<void>>();

  constructor(
    private readonly options: OrderSimulatorOptions,
    private readonly skus: readonly string[],
    private readonly run: string,
  ) {
    this.chance = new Chance(options.seed);
  }

  /** The products that the market sells. Throws if the system does not answer. */
  static async skusOf({ url, market }: OrderSimulatorOptions): Promise<string[]> {
    const response = await fetch(`${url}/v1/markets/${encodeURIComponent(market)}/products?limit=200`);
    if (!response.ok) throw new Error(`the request for the products of ${market} was answered ${response.status} ${await response.text()}`);
    const { items } = (await response.json()) as { items: { sku: string }[] };
    return items.map(({ sku }) => sku);
  }

  /** Sends until it is stopped, then waits for pending orders. */
  async send(stopped: AbortSignal): Promise<void> {
    const startMs = performance.now();
    while (!stopped.aborted) {
      const due = Math.floor(((performance.now() - startMs) / 1_000) * this.options.rate);
      // A backlog from a slow system is not sent all at once.
      for (let burst = Math.min(due - this.tally.sent, this.options.rate); burst > 0; burst -= 1) this.order();
      await sleep(Math.min(100, 1_000 / this.options.rate));
    }
    await Promise.all(this.open);
  }

  private order(): void {
    const number = (this.tally.sent += 1);
    const lines = Array.from({ length: 1 + this.chance.int(LINES_MAX) }, () => ({
      sku: this.chance.pick(this.skus), quantity: 1 + this.chance.int(UNITS_MAX),
    }));
    const followed = this.follow(`${this.run}-${number}`, lines).finally(() => this.open.delete(followed));
    this.open.add(followed);
  }

  private async follow(key: string, lines: readonly { sku: string; quantity: number }[]): Promise<void> {
    const { url, market } = this.options;
    const answer = await this.insist('POST', `${url}/v1/orders`, key, { market, lines });
    if (answer.status !== 202) return count(this.tally.refused, answer.code);
    this.tally.taken += 1;
    const untilMs = performance.now() + DECIDED_WITHIN_MS;
    let status = answer.order.status;
    while (!DONE.includes(status) && performance.now() < untilMs) {
      await sleep(LOOK_EVERY_MS);
      const seen = await this.insist('GET', `${url}/v1/orders/${answer.order.id}`);
      if (seen.status === 200) status = seen.order.status;
    }
    count(this.tally.ends, DONE.includes(status) ? status : 'lost');
  }

  /** Like a careful client: an open request is repeated under the same key. */
  private async insist(
    method: string, url: string, key?: string, body?: unknown,
  ): Promise<{ status: number; code: string; order: Order }> {
    for (let tries = 1; ; tries += 1) {
      try {
        const response = await fetch(url, {
          method,
          headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...(key ? { 'idempotency-key': key } : {}) },
          ...(body ? { body: JSON.stringify(body) } : {}),
          signal: AbortSignal.timeout(PATIENCE_MS),
        });
        const document = (await response.json()) as Order & { code?: string };
        const isOpen = response.status === 429 || response.status >= 500;
        if (!isOpen || tries === TRIES_MAX) {
          return { status: response.status, code: document.code ?? String(response.status), order: document };
        }
      } catch (error) {
        if (tries === TRIES_MAX) return { status: 0, code: String(error), order: {} as Order };
      }
      await sleep(TRY_AFTER_MS);
    }
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
