import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '@aisle/contracts';
import type { Chance } from './chance.ts';
import { wrongSums, type Violation } from './invariants.ts';
import type { BasketLedger, Deed, Entry, Ledger } from './ledger.ts';
import type { ShopAnswer, ShopClient } from './shop-client.ts';
import type { Tally } from './tally.ts';

/** The supermarkets of the seed, and their products. */
const MARKETS = ['m1', 'm2', 'm3'];
const PRODUCTS = [
  'GR1', 'SR1', 'CF1',
  ...Array.from({ length: 30 }, (_, index) => `P${String(index + 1).padStart(4, '0')}`),
];
/** Baskets of each market that all shoppers share. */
const SHARED_PER_MARKET = 2;

/** The frequencies of a shopper's actions. */
const HABITS = {
  add: 38, addToShared: 8, set: 8, remove: 6, batch: 6, clear: 1, read: 24, repeat: 4, refused: 2, merge: 2, abandon: 1,
};

export interface ShopperContext {
  readonly client: ShopClient;
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly chance: Chance;
  /** Its own name, unique among all runs. */
  readonly name: string;
  /** The name of the run, within which shared baskets are shared. */
  readonly run: string;
  readonly thinkMs: number;
  readonly stopped: AbortSignal;
  /** Reports a violation that the shopper saw. */
  readonly complain: (violation: Violation) => void;
}

/** Shops as a guest, signs in by merging the guest's basket into its own, abandons baskets, starts again. */
export class Shopper {
  private readonly market: string;
  private readonly user: string;
  private current: BasketLedger;
  private guests = 0;
  private keys = 0;

  constructor(private readonly context: ShopperContext) {
    this.market = context.chance.pick(MARKETS);
    this.user = `${context.name}-user`;
    this.current = this.newGuest();
  }

  /** Shops until it is stopped. Every started request is finished. */
  async shop(): Promise<void> {
    const { chance, thinkMs, stopped } = this.context;
    while (!stopped.aborted) {
      await this.act(chance.weighted(HABITS));
      await sleep(chance.next() * 2 * thinkMs, undefined, { signal: stopped }).catch(() => undefined);
    }
  }

  private async act(habit: keyof typeof HABITS): Promise<void> {
    const { chance, run, ledger } = this.context;
    switch (habit) {
      case 'add':
        return this.change(this.current, [this.add()]);
      case 'addToShared': {
        const shared = `${run}-shared-${chance.int(SHARED_PER_MARKET)}`;
        return this.change(ledger.of(this.market, shared, 'many'), [this.add()]);
      }
      case 'set':
        return this.change(this.current, [{ op: 'set', sku: this.product(), quantity: chance.int(12) }]);
      case 'remove':
        return this.change(this.current, [{ op: 'remove', sku: this.product() }]);
      case 'batch':
        return this.change(this.current, Array.from({ length: 2 + chance.int(6) }, () => this.add()));
      case 'clear':
        return this.change(this.current, [{ op: 'clear' }]);
      case 'refused':
        return this.change(this.current, [this.add(), { op: 'add', sku: 'NO-SUCH-PRODUCT', quantity: 1 }]);
      case 'read':
        return this.read();
      case 'repeat':
        return this.repeat();
      case 'merge':
        return this.signIn();
      case 'abandon':
        this.current = this.newGuest();
        await this.perform(this.current, { does: 'open' });
    }
  }

  /** The guest's basket becomes the user's, who shops on. Later the user is a guest again. */
  private async signIn(): Promise<void> {
    const { chance, ledger } = this.context;
    const user = ledger.of(this.market, this.user, 'one');
    if (this.current === user) return;
    const mode = chance.pick(['sum', 'max', 'replace'] as const);
    const entry = await this.perform(user, { does: 'merge', from: this.current.basket, mode });
    this.current = entry.fate.is === 'acknowledged' ? user : this.newGuest();
  }

  private async change(book: BasketLedger, operations: readonly Operation[]): Promise<void> {
    const { fate } = await this.perform(book, { does: 'change', operations });
    if (fate.is !== 'acknowledged') return;
    for (const { op } of operations) if (op === 'add') this.context.tally.added();
  }

  private async perform(book: BasketLedger, deed: Deed): Promise<Entry> {
    const { client, name } = this.context;
    this.keys += 1;
    const { entry, answer } = await client.ask(book.market, book.basket, `${name}-${this.keys}`, deed);
    book.entries.push(entry);
    this.look(book, answer);
    return entry;
  }

  /** A sole writer checks that all acknowledged changes are there. */
  private async read(): Promise<void> {
    const { client, complain } = this.context;
    const book = this.current;
    const known = lastVersion(book);
    const answer = await client.read(book.market, book.basket);
    this.look(book, answer);
    const version = answer.basket?.version ?? Infinity;
    if (version >= known) return;
    complain({ rule: 'versions', basket: nameOf(book), what: `it reads version ${version} after ${known} was answered` });
  }

  /** Repeats an acknowledged command: the answer must be the first one again. */
  private async repeat(): Promise<void> {
    const { client, chance, complain } = this.context;
    const book = this.current;
    const done = book.entries.flatMap(({ key, deed, fate }) =>
      fate.is === 'acknowledged' && fate.written ? [{ key, deed, fate }] : [],
    );
    if (done.length === 0) return;
    const { key, deed, fate } = chance.pick(done);
    const { entry: again, answer } = await client.ask(book.market, book.basket, key, deed);
    if (again.fate.is !== 'acknowledged' && isOpen(answer)) return;
    const same = again.fate.is === 'acknowledged' && again.fate.version === fate.version;
    if (same && answer.replayed) return;
    const version = answer.basket ? `version ${answer.basket.version}` : answer.code;
    const how = answer.replayed ? 'as a repeat' : 'as if it were new';
    const what = `${deed.does} ${key}, acknowledged at version ${fate.version}, sent again: ${answer.status} ${version} ${how}`;
    complain({ rule: 'kept', basket: nameOf(book), what });
  }

  private look(book: BasketLedger, { basket }: ShopAnswer): void {
    if (!basket) return;
    for (const what of wrongSums(basket)) this.context.complain({ rule: 'sums', basket: nameOf(book), what });
  }

  private newGuest(): BasketLedger {
    this.guests += 1;
    return this.context.ledger.of(this.market, `${this.context.name}-guest-${this.guests}`, 'one');
  }

  private add(): Operation {
    return { op: 'add', sku: this.product(), quantity: 1 + this.context.chance.int(4) };
  }

  private product(): string {
    const { chance } = this.context;
    // A few products are in most baskets.
    return chance.next() < 0.4 ? chance.pick(PRODUCTS.slice(0, 3)) : chance.pick(PRODUCTS);
  }
}

function lastVersion({ entries }: BasketLedger): number {
  return entries.reduce((last, { fate }) => (fate.is === 'acknowledged' ? Math.max(last, fate.version) : last), 0);
}

function nameOf({ market, basket }: BasketLedger): string {
  return `${market}/${basket}`;
}

function isOpen({ status }: ShopAnswer): boolean {
  return status === 0 || status === 429 || status >= 500;
}
