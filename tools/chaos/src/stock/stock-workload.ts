import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@aisle/std';
import { seededRandom } from '@aisle/std/testing';
import { send, type ShopRequest } from '../workload/shop-http.ts';

export interface StockWorkloadOptions {
  readonly seed: number;
  readonly clients: number;
  /** The present address of the gateway, if there is one. */
  readonly gatewayUrl: () => string | undefined;
  /** Called for an answer that no client should ever see. */
  readonly onViolation: (text: string) => void;
}

/** The market of all clients. */
const MARKET = "chaos' market";
const PRODUCTS = 12;
const OPENING_STOCK = 40;
const RETRY_MS = 100;
const PATIENCE_MS = 60_000;

interface Body {
  readonly id?: string;
  readonly code?: string;
}

/** Clients that order, cancel, fulfil and adjust, and repeat unanswered requests under the same key. */
export class StockWorkload {
  /** The ids of orders that were answered 202. */
  readonly acknowledged: string[] = [];
  /** Answers by kind. */
  readonly counts: Record<string, number> = {};
  private readonly running: Promise<void>[] = [];
  private stopped = false;
  private keys = 0;

  constructor(private readonly options: StockWorkloadOptions) {}

  /** Creates the market and its products, some with an expiry date, and one that is about to expire. */
  async open(): Promise<void> {
    await this.ask('open', { method: 'PUT', path: marketPath(''), body: { currency: 'GBP' } });
    for (let number = 0; number < PRODUCTS; number += 1) {
      const days = number % 3 === 2 ? 0 : 30;
      const body = {
        sku: skuOf(number), name: `Product ${number}`, price: { amount: 100 + number, currency: 'GBP' },
        quantity: OPENING_STOCK, ...(number % 3 === 0 ? {} : { expiresOn: dayIn(days) }),
      };
      await this.ask('product', { method: 'POST', path: marketPath('/products'), body });
    }
    // Orders are priced where products become known by an event.
    while (!(await this.canOrder())) await sleep(RETRY_MS);
  }

  start(): void {
    for (let client = 0; client < this.options.clients; client += 1) {
      const random = seededRandom(this.options.seed * 1_000 + client);
      this.running.push(this.shop(random));
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  /** True if an order is accepted within the maximum wait. */
  async canOrder(): Promise<boolean> {
    const body = { market: MARKET, lines: [{ sku: skuOf(0), quantity: 1 }] };
    return (await this.ask('order', { method: 'POST', path: '/v1/orders', body })) !== undefined;
  }

  private async shop(random: Random): Promise<void> {
    while (!this.stopped) {
      const draw = random.int(100);
      if (draw < 55) await this.order(random);
      else if (draw < 70) await this.change('cancel', random);
      else if (draw < 85) await this.change('fulfil', random);
      else await this.adjust(random);
    }
  }

  private async order(random: Random): Promise<void> {
    const lines = Array.from({ length: 1 + random.int(3) }, () => ({
      sku: skuOf(random.int(PRODUCTS)), quantity: 1 + random.int(3),
    }));
    const body = { market: MARKET, lines, allowPartial: random.int(5) === 0 };
    const order = await this.ask('order', { method: 'POST', path: '/v1/orders', body });
    if (order?.id !== undefined) this.acknowledged.push(order.id);
  }

  private async change(what: 'cancel' | 'fulfil', random: Random): Promise<void> {
    // One of the latest, which are still to be decided, or just were.
    const recent = this.acknowledged.slice(-60);
    const order = recent[random.int(Math.max(1, recent.length))];
    if (order !== undefined) await this.ask(what, { method: 'POST', path: `/v1/orders/${order}/${what}` });
  }

  private async adjust(random: Random): Promise<void> {
    const sku = skuOf(random.int(PRODUCTS));
    const body = random.int(4) === 0
      ? { delta: -1 - random.int(3), reason: 'broken' }
      : { delta: 1 + random.int(10), reason: 'delivery' };
    await this.ask('adjust', { method: 'POST', path: marketPath(`/products/${sku}/stock/adjustments`), body });
  }

  /** Asks until it is answered; undefined if a rule refused it, or nobody answered in time. */
  private async ask(what: string, request: ShopRequest): Promise<Body | undefined> {
    const key = `chaos-${this.options.seed}-${(this.keys += 1)}`;
    const untilMs = Date.now() + PATIENCE_MS;
    while (Date.now() < untilMs) {
      const answer = await send(this.options.gatewayUrl(), { ...request, key });
      const status = answer.kind === 'lost' ? 'lost' : String(answer.status);
      this.counts[`${what} ${status}`] = (this.counts[`${what} ${status}`] ?? 0) + 1;
      if (answer.kind === 'answered') {
        if (answer.status < 300) return answer.body as Body;
        if ([404, 409, 412, 422].includes(answer.status)) return this.judge(what, answer.status, answer.body);
        if (![429, 503, 504].includes(answer.status)) {
          this.options.onViolation(`${what} was answered ${answer.status} ${JSON.stringify(answer.body)}`);
          return undefined;
        }
      }
      await sleep(RETRY_MS);
    }
    return undefined;
  }

  /** An acknowledged thing exists from then on. Only a product may not have reached the prices yet. */
  private judge(what: string, status: number, body: Body): undefined {
    if (status === 404 && what !== 'order') this.options.onViolation(`${what} was answered 404 ${body.code}`);
    return undefined;
  }
}

function skuOf(number: number): string {
  return `chaos-${number}`;
}

function marketPath(rest: string): string {
  return `/v1/markets/${encodeURIComponent(MARKET)}${rest}`;
}

function dayIn(days: number): string {
  return new Date(Date.now() + days * 24 * 60 * 60 * 1_000).toISOString().slice(0, 10);
}
