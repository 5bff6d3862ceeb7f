import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, askUntilDone } from './ask.ts';
import type { Attacker, AttackReport } from './attacker.ts';

/** Latency of innocent clients without and beside one route's requests. Times in milliseconds. */
export interface RouteFigures {
  readonly route: string;
  /** The answers to the route's requests. */
  readonly answers: AttackReport;
  readonly idle: Felt;
  readonly beside: Felt;
}

export interface Felt {
  readonly tookMs: readonly number[];
  /** Answers without success. */
  readonly refused: number;
}

const MARKET = 'bystander';
const SKU = 'calm';
const CLIENTS = 4;
const PAUSE_MS = 10;
/** The time for work that the last requests left. */
const SETTLE_MS = 1_000;

/** A market and a product that no attack names. */
export async function prepareBystanders(gatewayUrl: string): Promise<void> {
  await askUntilDone(gatewayUrl, 'PUT', `/v1/markets/${MARKET}`, { currency: 'GBP' });
  await askUntilDone(gatewayUrl, 'POST', `/v1/markets/${MARKET}/products`, {
    sku: SKU, name: 'Calm', price: { amount: 100, currency: 'GBP' }, quantity: 1_000_000,
  }).catch(() => undefined);
  for (let client = 0; client < CLIENTS; client += 1) await askUntilDone(gatewayUrl, 'POST', linesOf(client), { sku: SKU });
}

/**
 * Half of the control comes before the route's requests, half after them. The route is attacked for a while before the
 * measurement, so that its code is compiled, as in a process that has run for a minute.
 */
export async function bystanderFigures(
  gatewayUrl: string, attacker: Attacker, route: string, windowMs: number,
): Promise<RouteFigures> {
  await attacker.attack({ route, forMs: windowMs / 2 });
  await sleep(SETTLE_MS);
  const before = await bystand(gatewayUrl, windowMs / 2);
  const [beside, answers] = await Promise.all([bystand(gatewayUrl, windowMs), attacker.attack({ route, forMs: windowMs })]);
  await sleep(SETTLE_MS);
  const after = await bystand(gatewayUrl, windowMs / 2);
  const idle = { tookMs: [...before.tookMs, ...after.tookMs], refused: before.refused + after.refused };
  return { route, answers, idle, beside };
}

/** A few clients add, read and ask for quotes, each with one request at a time. */
async function bystand(gatewayUrl: string, forMs: number): Promise<Felt> {
  const tookMs: number[] = [];
  let refused = 0;
  const untilMs = performance.now() + forMs;
  await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
    for (let turn = 0; performance.now() < untilMs; turn += 1) {
      const sentAtMs = performance.now();
      const { status } = await requestOf(gatewayUrl, client, turn);
      tookMs.push(performance.now() - sentAtMs);
      if (status >= 400) refused += 1;
      await sleep(PAUSE_MS);
    }
  }));
  return { tookMs, refused };
}

function requestOf(gatewayUrl: string, client: number, turn: number) {
  if (turn % 3 === 0) return ask(gatewayUrl, 'PUT', `${linesOf(client)}/${SKU}`, { quantity: 1 + (turn % 9) });
  if (turn % 3 === 1) return ask(gatewayUrl, 'GET', `/v1/markets/${MARKET}/baskets/calm-${client}`);
  return ask(gatewayUrl, 'POST', `/v1/markets/${MARKET}/quotes`, { items: [{ sku: SKU, quantity: 2 }] });
}

function linesOf(client: number): string {
  return `/v1/markets/${MARKET}/baskets/calm-${client}/lines`;
}
