import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { APP_NAMES, startSystem, type AppName, type AppProcess, type TestSystem } from '@aisle/dev/testing';
import { EdgeClient, type Sightings } from './edge-client.ts';
import { MARKET, SKU, Shopper } from './shopper.ts';

export interface RollingOptions {
  readonly clients: number;
  /** The average pause of a client between two requests. */
  readonly thinkMs: number;
  readonly seed: number;
  /** The time that a silent server keeps its shards. A planned stop hands them over at once, independent of this. */
  readonly leaseMs: number;
  readonly onProgress: (line: string) => void;
  /** Ends the run after the present restart. */
  readonly signal?: AbortSignal;
}

/** The cost of one restart. */
export interface Restart {
  readonly instance: string;
  /** Its exit code, or the signal that ended it. */
  readonly code: number | NodeJS.Signals;
  /** The time from SIGTERM to its end. */
  readonly endedAfterMs: number;
  /** The durations of the requests that succeeded between SIGTERM and the readiness of the new process. */
  readonly waits: readonly number[];
}

export interface RollingReport {
  readonly restarts: readonly Restart[];
  readonly acknowledged: number;
  readonly retried: ReadonlyMap<string, number>;
  readonly forbidden: readonly string[];
  readonly lost: readonly string[];
  readonly errors: readonly string[];
}

/** Two of each, so that one serves while the other restarts. */
const SYSTEM = Object.fromEntries(APP_NAMES.map((app) => [app, 2]));
const CALM_MS = 2_000;

/** Restarts every process of a system of its own by SIGTERM, one after another, while clients shop. */
export async function runRolling(options: RollingOptions): Promise<RollingReport> {
  const { clients, onProgress } = options;
  const environmentOf = async (): Promise<Record<string, string>> => ({ LEASE_MS: String(options.leaseMs) });
  const system = await startSystem(SYSTEM, { environmentOf });
  try {
    const living = new Set(system.apps);
    const gateways = (): string[] => [...living].filter(({ instance }) => instance.startsWith('gateway')).map(({ url }) => url);
    const seen: Sightings = { retried: new Map(), forbidden: [], waits: [] };
    const client = (turn: number): EdgeClient => new EdgeClient(gateways, turn, seen);
    await openMarket(client(0));
    const shoppers = Array.from({ length: clients }, (_, n) => new Shopper(`roller-${n}`, options.seed * 1_000 + n, client(n), options.thinkMs));
    await Promise.all(shoppers.map((shopper) => shopper.open()));
    // Retries during the start of the system do not count for the restarts.
    seen.retried.clear();
    onProgress(`${clients} clients shop`);

    let isOver = false;
    const shopping = Promise.all(shoppers.map((shopper) => shopper.shop(() => isOver)));
    // A request that failed for good is a finding.
    const shopped = shopping.catch((error: unknown) => {
      if (seen.forbidden.length === 0) throw error;
    });
    const restarts: Restart[] = [];
    try {
      for (const old of [...living].sort((one, other) => one.instance.localeCompare(other.instance))) {
        if (seen.forbidden.length > 0 || options.signal?.aborted) break;
        const restart = await restartOne(system, living, old, seen);
        restarts.push(restart);
        onProgress(restartText(restart));
      }
      await sleep(CALM_MS);
    } finally {
      isOver = true;
      await shopped;
    }
    const lost = seen.forbidden.length > 0 ? [] : (await Promise.all(shoppers.map((shopper) => shopper.lost()))).flat();
    const acknowledged = shoppers.reduce((sum, shopper) => sum + shopper.acknowledged, 0);
    return { restarts, acknowledged, retried: seen.retried, forbidden: seen.forbidden, lost, errors: system.errors() };
  } finally {
    await system.stop();
  }
}

async function restartOne(system: TestSystem, living: Set<AppProcess>, old: AppProcess, seen: Sightings): Promise<Restart> {
  await sleep(CALM_MS);
  const from = seen.waits.length;
  const sinceMs = performance.now();
  old.signal('SIGTERM');
  const code = await old.ended();
  const endedAfterMs = performance.now() - sinceMs;
  living.delete(old);
  living.add(await system.start(old.instance.replace(/-\d+$/, '') as AppName));
  return { instance: old.instance, code, endedAfterMs, waits: seen.waits.slice(from) };
}

async function openMarket(client: EdgeClient): Promise<void> {
  await client.ask({ method: 'PUT', path: `/v1/markets/${MARKET}`, key: randomUUID(), body: { currency: 'GBP' } });
  const product = { sku: SKU, name: 'Rolling', price: { amount: 100, currency: 'GBP' }, quantity: 1_000_000 };
  await client.ask({ method: 'POST', path: `/v1/markets/${MARKET}/products`, key: randomUUID(), body: product });
  client.close();
}

/** One restart as a line. */
function restartText({ instance, code, endedAfterMs, waits }: Restart): string {
  const longest = Math.max(0, ...waits);
  return `${instance.padEnd(22)} ended with ${code} after ${Math.round(endedAfterMs)} ms; `
    + `${waits.length} requests, the longest took ${Math.round(longest)} ms`;
}
