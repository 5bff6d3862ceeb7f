import { setTimeout as sleep } from 'node:timers/promises';
import { HttpConnection, type Address, type HttpReply } from './http-connection.ts';
import { AISLE_ROUTES } from './routes.ts';

/** The added products, in turn. Every market of the seed sells them. */
export const SKUS = ['GR1', 'SR1', 'CF1'] as const;

const READERS = 8;
const READ_TRIES = 10;
const READ_AGAIN_MS = 500;

/**
 * The acknowledged units of each basket's products, one per add, and the doubtful ones: the two bounds of the basket's
 * final content.
 */
export class AddLedger {
  readonly baskets: readonly string[];
  readonly #acknowledged: Uint32Array;
  readonly #doubtful: Uint32Array;

  constructor(baskets: readonly string[]) {
    this.baskets = baskets;
    this.#acknowledged = new Uint32Array(baskets.length * SKUS.length);
    this.#doubtful = new Uint32Array(baskets.length * SKUS.length);
  }

  /** `slot` is the basket's index × the number of products + the product's index. */
  acknowledge(slot: number): void {
    this.#acknowledged[slot]! += 1;
  }

  doubt(slot: number): void {
    this.#doubtful[slot]! += 1;
  }

  /**
   * Reads every basket of the run, and returns a sentence for each lost or doubled add, and for each unreadable basket.
   */
  async discrepancies(address: Address, market: string, routes = AISLE_ROUTES): Promise<string[]> {
    const found: string[] = [];
    const touched = [...this.baskets.keys()].filter((basket) => this.#touched(basket));
    const reader = async (): Promise<void> => {
      const connection = new HttpConnection(address);
      for (let basket = touched.pop(); basket !== undefined; basket = touched.pop()) {
        const path = routes.read(market, this.baskets[basket]!);
        const { status, body } = await read(connection, path);
        if (status === 200) found.push(...this.#compare(basket, held(body)));
        else if (status === 404) found.push(...this.#compare(basket, new Map()));
        else found.push(`${this.baskets[basket]} cannot be read: ${status} ${body}`);
      }
      connection.close();
    };
    await Promise.all(Array.from({ length: READERS }, reader));
    return found;
  }

  #touched(basket: number): boolean {
    return SKUS.some((_sku, product) => {
      const slot = basket * SKUS.length + product;
      return this.#acknowledged[slot]! + this.#doubtful[slot]! > 0;
    });
  }

  #compare(basket: number, holds: ReadonlyMap<string, number>): string[] {
    return SKUS.flatMap((sku, product) => {
      const slot = basket * SKUS.length + product;
      const quantity = holds.get(sku) ?? 0;
      const [least, doubtful] = [this.#acknowledged[slot]!, this.#doubtful[slot]!];
      if (quantity >= least && quantity <= least + doubtful) return [];
      const doubt = doubtful ? ` and at most ${doubtful} more` : '';
      return [`${this.baskets[basket]} holds ${quantity} ${sku}, acknowledged were ${least}${doubt}`];
    });
  }
}

/** Tries again for a while: an acknowledged add must be readable soon, not at once. */
async function read(connection: HttpConnection, path: string): Promise<HttpReply> {
  let reply: HttpReply = { status: 0, body: 'the connection was cut' };
  for (let tries = 0; tries < READ_TRIES && (reply.status === 0 || reply.status >= 429); tries += 1) {
    if (tries > 0) await sleep(READ_AGAIN_MS);
    reply = await connection.get(path).catch(() => ({ status: 0, body: 'the connection was cut' }));
  }
  return reply;
}

function held(body: string): Map<string, number> {
  const { lines } = JSON.parse(body) as { lines: { sku: string; quantity: number }[] };
  return new Map(lines.map(({ sku, quantity }) => [sku, quantity]));
}
