import { setTimeout as sleep } from 'node:timers/promises';
import type { Basket, BasketJournal } from '@aisle/contracts';
import { credential } from '../process/credential.ts';
import type { Deed, Entry, Fate } from './ledger.ts';
import type { Tally } from './tally.ts';

/** One answer. A status of 0 is a cut connection. */
export interface ShopAnswer {
  readonly status: number;
  readonly replayed: boolean;
  /** The document of a basket, if it is one. */
  readonly basket: Basket | undefined;
  readonly code: string;
}

/** The system's final state of a basket. */
export interface Seen {
  readonly basket: Basket | undefined;
  /** The reason why there is none to read, such as `basket.merged`. */
  readonly code: string;
  readonly journal: BasketJournal['items'];
}

const TRIES_MAX = 12;
const TRY_AFTER_MS = 250;
const PATIENCE_MS = 10_000;

/** Talks to the gateway as a careful client does: an open request is repeated under the same key. */
export class ShopClient {
  constructor(
    private readonly url: string,
    private readonly tally: Tally,
  ) {}

  /** Asks until an answer tells the outcome, or patience ends. */
  async ask(market: string, basket: string, key: string, deed: Deed): Promise<{ entry: Entry; answer: ShopAnswer }> {
    const { method, path, body } = requestOf(deed);
    for (let tries = 1; ; tries += 1) {
      const answer = await this.send(method, `${pathOf(market, basket)}${path}`, body, key);
      const fate = fateOf(answer, deed, tries);
      if (fate) return { entry: { key, deed, fate }, answer };
      if (tries === TRIES_MAX) return { entry: { key, deed, fate: { is: 'doubtful' } }, answer };
      await sleep(TRY_AFTER_MS);
    }
  }

  read(market: string, basket: string): Promise<ShopAnswer> {
    return this.send('GET', pathOf(market, basket));
  }

  /** The document and the whole journal. Throws if the system does not return them. */
  async see(market: string, basket: string): Promise<Seen> {
    const path = pathOf(market, basket);
    const { body, status } = await this.insist(path);
    const journal: BasketJournal['items'] = [];
    for (let cursor: string | null = '0'; cursor !== null; ) {
      const page = await this.insist(`${path}/journal?limit=200&cursor=${cursor}`);
      // A basket that was never created has none.
      if (page.status === 404) break;
      const { items, next } = JSON.parse(page.body) as BasketJournal;
      journal.push(...items);
      cursor = next;
    }
    const read = JSON.parse(body) as Basket & { code?: string };
    return { basket: status === 200 ? read : undefined, code: read.code ?? '', journal };
  }

  private async send(method: string, path: string, body?: unknown, key?: string): Promise<ShopAnswer> {
    const startMs = performance.now();
    const { status, text, replayed } = await this.fetch(method, path, body, key);
    this.tally.ended(status, performance.now() - startMs, text);
    const json = text.startsWith('{') ? (JSON.parse(text) as Partial<Basket> & { code?: string }) : {};
    return { status, replayed, basket: status < 300 && status > 0 ? (json as Basket) : undefined, code: json.code ?? '' };
  }

  private async insist(path: string): Promise<{ status: number; body: string }> {
    for (let tries = 1; ; tries += 1) {
      const { status, text } = await this.fetch('GET', path);
      if (status === 200 || status === 404) return { status, body: text };
      if (tries === TRIES_MAX) throw new Error(`GET ${path} answers ${status} ${text}`);
      await sleep(TRY_AFTER_MS);
    }
  }

  private async fetch(
    method: string,
    path: string,
    body?: unknown,
    key?: string,
  ): Promise<{ status: number; text: string; replayed: boolean }> {
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: {
          ...credential(),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const replayed = response.headers.get('idempotent-replayed') === 'true';
      return { status: response.status, text: await response.text(), replayed };
    } catch (error) {
      return { status: 0, text: String(error), replayed: false };
    }
  }
}

function requestOf(deed: Deed): { method: string; path: string; body?: unknown } {
  switch (deed.does) {
    case 'open':
      return { method: 'PUT', path: '' };
    case 'merge':
      return { method: 'POST', path: '/merge', body: { from: deed.from, mode: deed.mode } };
    case 'change':
      return changeRequest(deed.operations);
  }
}

/** One operation by its own route, several as a batch. */
function changeRequest(operations: Extract<Deed, { does: 'change' }>['operations']): ReturnType<typeof requestOf> {
  const [operation] = operations;
  if (operations.length !== 1 || !operation) return { method: 'POST', path: '/commands', body: operations };
  switch (operation.op) {
    case 'add':
      return { method: 'POST', path: '/lines', body: { sku: operation.sku, quantity: operation.quantity } };
    case 'set':
      return { method: 'PUT', path: `/lines/${operation.sku}`, body: { quantity: operation.quantity } };
    case 'remove':
      return { method: 'DELETE', path: `/lines/${operation.sku}` };
    case 'clear':
      return { method: 'DELETE', path: '' };
  }
}

/** Undefined while it has to be asked again. */
function fateOf({ status, basket }: ShopAnswer, deed: Deed, tries: number): Fate | undefined {
  // Opening an existing basket returns it, and writes nothing.
  const written = deed.does !== 'open' || status === 201;
  if (basket) return { is: 'acknowledged', version: basket.version, written };
  if (status === 0 || status === 429 || status >= 500) return undefined;
  // An earlier attempt may still be pending.
  return tries === 1 ? { is: 'refused' } : { is: 'doubtful' };
}

function pathOf(market: string, basket: string): string {
  return `/v1/markets/${market}/baskets/${encodeURIComponent(basket)}`;
}
