import { hash } from 'node:crypto';
import { Journal } from './journal.ts';
import { list, type Command, type Lists } from './lists.ts';

interface Basket {
  version: number;
  readonly quantities: Map<string, number>;
  /** The version that each command made. */
  readonly commands: Map<string, number>;
}
interface Added {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
}

const CATALOGUE: ReadonlyMap<string, { readonly name: string; readonly unitPriceMinor: number }> = new Map([
  ['GR1', { name: 'Green tea', unitPriceMinor: 311 }],
  ['SR1', { name: 'Strawberries', unitPriceMinor: 500 }],
  ['CF1', { name: 'Coffee', unitPriceMinor: 1_123 }],
]);
const REUSED = '{"title":"the Idempotency-Key was used for another add"}';
const NOT_SOLD = '{"title":"no such product"}';
const MISSING = '{"title":"no such basket"}';

/** Holds the baskets of its shards in memory. */
export async function serveBaskets(lists: Lists, at: number): Promise<void> {
  const server = new BasketServer(lists, await Journal.open(process.env['DATABASE_URL'] ?? ''));
  await lists.receive<Command>(list.server(at), (command) => server.take(command));
}

class BasketServer {
  readonly #lists: Lists;
  readonly #journal: Journal;
  readonly #baskets = new Map<string, Basket>();

  constructor(lists: Lists, journal: Journal) {
    this.#lists = lists;
    this.#journal = journal;
  }

  take([, id, key, commandId, sku, quantity]: Command): void {
    const basket = this.#baskets.get(key);
    if (commandId === undefined || sku === undefined || quantity === undefined) return this.#read(id, key, basket);
    const payloadHash = hash('sha256', `${sku} ${quantity}`, 'buffer').subarray(0, 16);
    const version = basket?.commands.get(commandId);
    if (version !== undefined) return this.#replay(id, key, version, payloadHash);
    const product = CATALOGUE.get(sku);
    if (!product) return this.#reply(id, 422, NOT_SOLD);
    const added = { sku, quantity, unitPriceMinor: product.unitPriceMinor };
    const changed = basket ?? this.#create(key);
    change(changed, added);
    changed.commands.set(commandId, changed.version);
    const body = shown(key, changed);
    this.#journal.append(
      { basket: key, seq: changed.version, commandId, payloadHash, event: JSON.stringify(added) },
      () => this.#reply(id, 200, body),
    );
  }

  /** After the rows of all that it shows. */
  #read(id: number, key: string, basket: Basket | undefined): void {
    const body = basket && shown(key, basket);
    this.#journal.afterCommit(() => this.#reply(id, body ? 200 : 404, body ?? MISSING));
  }

  /** The basket as it was after that command, from its events. */
  #replay(id: number, key: string, version: number, payloadHash: Buffer): void {
    this.#journal.afterCommit(() => void this.#replayCommitted(id, key, version, payloadHash));
  }

  async #replayCommitted(id: number, key: string, version: number, payloadHash: Buffer): Promise<void> {
    const rows = await this.#journal.read(key, version);
    if (!rows.at(-1)?.payloadHash.equals(payloadHash)) return this.#reply(id, 422, REUSED);
    const basket = emptyBasket();
    for (const { event } of rows) change(basket, JSON.parse(event) as Added);
    this.#reply(id, 200, shown(key, basket));
  }

  #create(key: string): Basket {
    const basket = emptyBasket();
    this.#baskets.set(key, basket);
    return basket;
  }

  #reply(id: number, status: number, body: string): void {
    this.#lists.send(list.gateway, [id, status, body]);
  }
}

function emptyBasket(): Basket {
  return { version: 0, quantities: new Map(), commands: new Map() };
}

function change(basket: Basket, { sku, quantity }: Added): void {
  basket.version += 1;
  basket.quantities.set(sku, (basket.quantities.get(sku) ?? 0) + quantity);
}

function shown(key: string, { version, quantities }: Basket): string {
  const [market, id] = key.split('/');
  let totalMinor = 0;
  const lines = [...quantities].map(([sku, quantity]) => {
    const { name, unitPriceMinor } = CATALOGUE.get(sku)!;
    totalMinor += unitPriceMinor * quantity;
    return { sku, name, quantity, unitPrice: pounds(unitPriceMinor), net: pounds(unitPriceMinor * quantity) };
  });
  return JSON.stringify({ id, market, version, lines, total: pounds(totalMinor) });
}

function pounds(amount: number): { amount: number; currency: string } {
  return { amount, currency: 'GBP' };
}
