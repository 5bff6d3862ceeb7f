import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@aisle/std/testing';
import type { EdgeClient } from './edge-client.ts';

export const MARKET = 'rolling';
export const SKU = 'rolling-1';

/** One shopper with a basket, a consumer and orders of its own, which remembers everything acknowledged. */
export class Shopper {
  /** Requests that succeeded. */
  acknowledged = 0;
  private units = 0;
  private hasBasket = false;
  private messages = 0;
  private readonly orders: { path: string; units: number }[] = [];
  private readonly random;

  constructor(
    private readonly name: string,
    seed: number,
    private readonly client: EdgeClient,
    private readonly thinkMs: number,
  ) {
    this.random = seededRandom(seed);
  }

  async open(): Promise<void> {
    await this.client.ask({ method: 'POST', path: '/v1/consumers', key: randomUUID(), body: { name: this.name } });
  }

  /** Shops until it is stopped. Each request waits for the answer to the one before. */
  async shop(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.next();
      this.acknowledged += 1;
      await sleep(this.random.int(2 * this.thinkMs + 1));
    }
    this.client.close();
  }

  /** Acknowledged changes that are missing or doubled. */
  async lost(): Promise<string[]> {
    const { name, units, messages } = this;
    const found: string[] = [];
    const { body: basket } = this.hasBasket ? await this.client.ask({ method: 'GET', path: this.basketPath() }) : { body: { lines: [] } };
    const [line] = basket['lines'] as { quantity: number }[];
    if ((line?.quantity ?? 0) !== units) found.push(`basket ${name} has ${line?.quantity ?? 0} units, and ${units} were acknowledged`);
    for (const order of this.orders) {
      const { body } = await this.client.ask({ method: 'GET', path: order.path });
      const [{ quantity }] = body['lines'] as [{ quantity: number }];
      if (quantity !== order.units) found.push(`${order.path} has ${quantity} units, and ${order.units} were acknowledged`);
    }
    const { body: consumer } = await this.client.ask({ method: 'GET', path: `/v1/consumers/${this.name}?limit=200` });
    const kept = (consumer['messages'] as unknown[]).length;
    if (kept !== Math.min(messages, 200)) found.push(`consumer ${name} has ${kept} messages, and ${messages} were acknowledged`);
    this.client.close();
    return found;
  }

  private async next(): Promise<void> {
    const draw = this.random.int(100);
    if (draw < 50 || !this.hasBasket) return this.add();
    if (draw < 70) return void (await this.client.ask({ method: 'GET', path: this.basketPath() }));
    if (draw < 80) return void (await this.client.ask({ method: 'GET', path: `/v1/markets/${MARKET}/products/${SKU}` }));
    if (draw < 90) return this.message();
    const last = this.orders.at(-1);
    if (draw < 95 && last) return void (await this.client.ask({ method: 'GET', path: last.path }));
    if (this.units > 0) await this.checkOut();
  }

  private async add(): Promise<void> {
    await this.client.ask({ method: 'POST', path: this.basketPath('/lines'), key: randomUUID(), body: { sku: SKU } });
    this.units += 1;
    this.hasBasket = true;
  }

  private async message(): Promise<void> {
    const body = { body: this.messages };
    await this.client.ask({ method: 'POST', path: `/v1/consumers/${this.name}/messages`, key: randomUUID(), body });
    this.messages += 1;
  }

  private async checkOut(): Promise<void> {
    const { location = '' } = await this.client.ask({ method: 'POST', path: this.basketPath('/checkout'), key: randomUUID(), body: {} });
    this.orders.push({ path: location, units: this.units });
    this.units = 0;
  }

  private basketPath(rest = ''): string {
    return `/v1/markets/${MARKET}/baskets/${this.name}${rest}`;
  }
}
