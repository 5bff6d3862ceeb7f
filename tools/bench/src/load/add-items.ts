import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { SKUS, type AddLedger } from './add-ledger.ts';
import { ConnectionLost, HttpConnection, postRequest, type Address } from './http-connection.ts';
import { AISLE_ROUTES, type Routes } from './routes.ts';

export interface AddItemLoad {
  readonly address: Address;
  /** Aisle's own by default. */
  readonly routes?: Routes | undefined;
  readonly market: string;
  /** Its baskets get the adds in turn, and it records the acknowledged ones. */
  readonly ledger: AddLedger;
  /** Keep-alive connections, each with one request in flight. */
  readonly clients: number;
  /** No request leaves later than this, nor after `addsMax` of them. */
  readonly forMs: number;
  readonly addsMax?: number;
  /**
   * The retries of a request with an open outcome (429, 5xx, a cut connection), with the same Idempotency-Key. 0 by
   * default, because a server without idempotency keys would add twice.
   */
  readonly retriesMax?: number;
  readonly retryAfterMs?: number;
}

export interface AddItemOutcome {
  readonly acknowledged: number;
  /** Answered 4xx: not added. */
  readonly refused: number;
  /** Neither acknowledged nor refused after all retries. */
  readonly doubtful: number;
  readonly retried: number;
  readonly elapsedMs: number;
  /** From the first byte sent to the last received, retries included, ascending. Acknowledged adds only. */
  readonly latenciesMs: Float64Array;
  /** One answer without success, for display. */
  readonly complaint: string | undefined;
}

/** Adds one unit at a time as fast as the server answers. */
export async function addItems(load: AddItemLoad): Promise<AddItemOutcome> {
  const run = new AddItemRun(load);
  await Promise.all(Array.from({ length: load.clients }, () => run.client()));
  return run.outcome();
}

class AddItemRun {
  readonly #load: AddItemLoad;
  readonly #requests: readonly Request[];
  // A key has the form of a UUID, unique by the run's half and the request's.
  readonly #keys = randomUUID().slice(0, 24);
  readonly #startMs = performance.now();
  readonly #latenciesMs: number[] = [];
  #issued = 0;
  #refused = 0;
  #doubtful = 0;
  #retried = 0;
  #complaint: string | undefined;

  constructor(load: AddItemLoad) {
    this.#load = load;
    this.#requests = load.ledger.baskets.flatMap((basket) =>
      SKUS.map((sku) => new Request(load, basket, sku)),
    );
  }

  async client(): Promise<void> {
    const { forMs, addsMax = Infinity, ledger } = this.#load;
    const connection = new HttpConnection(this.#load.address);
    for (;;) {
      const sentMs = performance.now();
      if (sentMs - this.#startMs >= forMs || this.#issued >= addsMax) break;
      const add = this.#issued++;
      // Consecutive requests go to different baskets, and every basket gets every product.
      const basket = add % ledger.baskets.length;
      const slot = basket * SKUS.length + (Math.floor(add / ledger.baskets.length) % SKUS.length);
      const status = await this.#send(connection, this.#requests[slot]!.withKey(this.#key(add)));
      if (status >= 200 && status < 300) {
        this.#latenciesMs.push(performance.now() - sentMs);
        ledger.acknowledge(slot);
      } else if (isOpen(status)) {
        this.#doubtful += 1;
        ledger.doubt(slot);
      } else {
        this.#refused += 1;
      }
    }
    connection.close();
  }

  outcome(): AddItemOutcome {
    return {
      acknowledged: this.#latenciesMs.length,
      refused: this.#refused,
      doubtful: this.#doubtful,
      retried: this.#retried,
      elapsedMs: performance.now() - this.#startMs,
      latenciesMs: Float64Array.from(this.#latenciesMs).sort(),
      complaint: this.#complaint,
    };
  }

  /** The status of the answer; 0 if the connection was cut before it. */
  async #send(connection: HttpConnection, request: string): Promise<number> {
    const { retriesMax = 0, retryAfterMs = 50 } = this.#load;
    for (let retries = 0; ; retries += 1) {
      const status = await this.#sendOnce(connection, request);
      if (!isOpen(status) || retries === retriesMax) return status;
      this.#retried += 1;
      await sleep(retryAfterMs);
    }
  }

  async #sendOnce(connection: HttpConnection, request: string): Promise<number> {
    try {
      const { status, body } = await connection.send(request);
      if (status >= 300) this.#complaint ??= `${status} ${body}`;
      return status;
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      this.#complaint ??= error.message;
      return 0;
    }
  }

  #key(add: number): string {
    return this.#keys + add.toString(16).padStart(12, '0');
  }
}

/** The bytes of one add. All but the key are made once. */
class Request {
  readonly #before: string;
  readonly #after: string;

  constructor({ address, market, routes = AISLE_ROUTES }: AddItemLoad, basket: string, sku: string) {
    const path = routes.add(market, basket);
    const body = JSON.stringify({ sku, quantity: 1 });
    const [before = '', after = ''] = postRequest(address, path, body, 'idempotency-key: ?\r\n').split('?');
    this.#before = before;
    this.#after = after;
  }

  withKey(key: string): string {
    return this.#before + key + this.#after;
  }
}

function isOpen(status: number): boolean {
  return status === 0 || status === 429 || status >= 500;
}
