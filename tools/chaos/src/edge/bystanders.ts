import { setTimeout as sleep } from 'node:timers/promises';

/** Refused writes of innocent clients, and the number of all writes. */
export interface Refusals {
  writes: number;
  /** Answers of 503 and 504. */
  passing: number;
  /** Other answers without success, and lost connections. */
  readonly other: string[];
}

/** The basket that they fill. */
export const BYSTANDERS_BASKET = 'by-stander';
const PAUSE_MS = 40;

/** Innocent clients: they fill a basket, order, change a price and send messages, in endless loops. */
export class Bystanders {
  readonly refusals: Readonly<Record<'attacked' | 'idle', Refusals>> = {
    attacked: { writes: 0, passing: 0, other: [] }, idle: { writes: 0, passing: 0, other: [] },
  };
  phase: 'attacked' | 'idle' = 'idle';
  private running: readonly Promise<void>[] = [];
  private isStopped = false;

  constructor(private readonly gatewayUrl: string, private readonly market: string, private readonly sku: string) {}

  start(): void {
    const { market, sku } = this;
    const money = (amount: number) => ({ amount, currency: 'GBP' });
    this.running = [
      this.repeat('POST', () => [`/markets/${market}/baskets/${BYSTANDERS_BASKET}/commands`, [{ op: 'set', sku, quantity: 2 }]]),
      this.repeat('POST', () => ['/orders', { market, lines: [{ sku }] }]),
      this.repeat('PUT', (turn) => [`/markets/innocent-${turn % 5}`, { currency: 'EUR' }]),
      this.repeat('PATCH', (turn) => [`/markets/${market}/products/${sku}`, { price: money(100 + (turn % 7)) }]),
      this.repeat('POST', (turn) => ['/consumers/quiet-edge/messages', { body: turn }]),
    ];
  }

  async stop(): Promise<typeof this.refusals> {
    this.isStopped = true;
    await Promise.all(this.running);
    return this.refusals;
  }

  private async repeat(method: string, next: (turn: number) => readonly [path: string, body: object]): Promise<void> {
    for (let turn = 0; !this.isStopped; turn += 1) {
      const refusals = this.refusals[this.phase];
      const [path, body] = next(turn);
      const answer = await this.ask(method, path, body);
      refusals.writes += 1;
      if (answer === '503' || answer === '504') refusals.passing += 1;
      else if (!answer.startsWith('2')) refusals.other.push(`${method} ${path}: ${answer}`);
      await sleep(PAUSE_MS);
    }
  }

  private async ask(method: string, path: string, body: object): Promise<string> {
    try {
      const response = await fetch(`${this.gatewayUrl}/v1${path}`, {
        method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal: AbortSignal.timeout(30_000),
      });
      const text = await response.text();
      return response.ok || response.status >= 503 ? String(response.status) : `${response.status} ${text.slice(0, 200)}`;
    } catch (error) {
      return `lost: ${String((error as { cause?: unknown }).cause ?? error)}`;
    }
  }
}
