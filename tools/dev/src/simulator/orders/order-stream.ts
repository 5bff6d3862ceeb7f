import { setTimeout as sleep } from 'node:timers/promises';
import { aisleClient, dataOf, type AisleClient } from '@aisle/client';
import type { OrderStatus } from '@aisle/contracts';
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
const DECIDED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 500;
const ATTEMPT_MS = 10_000;

/** Orders of random products at a rate, each followed to its end. */
export class OrderStream {
  readonly tally: OrderTally = { sent: 0, taken: 0, refused: new Map(), ends: new Map() };
  private readonly chance: Chance;
  private readonly open = new Set<Promise<void>>();
  private readonly aisle: AisleClient;

  constructor(
    private readonly options: OrderSimulatorOptions,
    private readonly skus: readonly string[],
    private readonly run: string,
  ) {
    this.chance = new Chance(options.seed);
    this.aisle = aisleClient({ baseUrl: options.url, attemptMs: ATTEMPT_MS });
  }

  /** The products that the market sells. Throws if the system does not answer. */
  static async skusOf({ url, market }: OrderSimulatorOptions): Promise<string[]> {
    const { items } = await dataOf(aisleClient({ baseUrl: url }).GET('/v1/markets/{market}/products', {
      params: { path: { market }, query: { limit: 200 } },
    }));
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

  private async follow(key: string, lines: { sku: string; quantity: number }[]): Promise<void> {
    const body = { market: this.options.market, lines };
    const { data: order, error } = await this.aisle.POST('/v1/orders', { params: { header: { 'Idempotency-Key': key } }, body }).catch(unanswered);
    if (!order) return count(this.tally.refused, error.code);
    this.tally.taken += 1;
    const untilMs = performance.now() + DECIDED_WITHIN_MS;
    let { status } = order;
    while (!DONE.includes(status) && performance.now() < untilMs) {
      await sleep(LOOK_EVERY_MS);
      const { data: seen } = await this.aisle.GET('/v1/orders/{order}', { params: { path: { order: order.id } } }).catch(unanswered);
      if (seen) status = seen.status;
    }
    count(this.tally.ends, DONE.includes(status) ? status : 'lost');
  }
}

/** The outcome of a request that was not answered before the patience of the client ended. */
function unanswered(error: unknown): { readonly data?: undefined; readonly error: { readonly code: string } } {
  return { error: { code: String(error) } };
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
