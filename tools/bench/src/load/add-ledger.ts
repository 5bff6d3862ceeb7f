import { HttpConnection, type Address } from './http-connection.ts';

/** What the load adds, in turn; every market of the seed sells them. */
export const SKUS = ['GR1', 'SR1', 'CF1'] as const;

const READERS = 8;

/**
 * What a server has acknowledged of each basket's products, one unit an add, and what it may or may
 * not have done: the two bounds of what the basket must hold in the end.
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

  /** `slot` is the basket's place × the number of products + the product's place. */
  acknowledge(slot: number): void {
    this.#acknowledged[slot]! += 1;
  }

  doubt(slot: number): void {
    this.#doubtful[slot]! += 1;
  }

  /** Reads every basket that was added to, and says in a sentence each where an add is lost or doubled. */
  async discrepancies(address: Address, market: string): Promise<string[]> {
    const found: string[] = [];
    const touched = [...this.baskets.keys()].filter((basket) => this.#touched(basket));
    const reader = async (): Promise<void> => {
      const connection = new HttpConnection(address);
      for (let basket = touched.pop(); basket !== undefined; basket = touched.pop()) {
        const path = `/v1/markets/${market}/baskets/${this.baskets[basket]}`;
        const { status, body } = await connection.get(path);
        if (status === 200) found.push(...this.#compare(basket, held(body)));
        else if (status !== 404) throw new Error(`GET ${path} answered ${status}: ${body}`);
        else found.push(...this.#compare(basket, new Map()));
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

function held(body: string): Map<string, number> {
  const { lines } = JSON.parse(body) as { lines: { sku: string; quantity: number }[] };
  return new Map(lines.map(({ sku, quantity }) => [sku, quantity]));
}
