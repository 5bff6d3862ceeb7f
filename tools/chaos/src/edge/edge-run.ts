import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@aisle/std/testing';
import { BYSTANDERS_BASKET, Bystanders, type Refusals } from './bystanders.ts';
import { Sampler, type Attack, type Known, type OpenApi } from './sampler.ts';

export interface EdgeOptions {
  readonly gatewayUrl: string;
  readonly seed: number;
  readonly requests: number;
  /** Concurrent attackers. */
  readonly clients: number;
  readonly onProgress: (line: string) => void;
}

/** The result of a run. */
export interface EdgeReport {
  readonly operations: number;
  readonly sent: number;
  /** Answers to attacks, by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Attacks with a forbidden answer: 500, or a temporary refusal that never ended. */
  readonly broken: readonly string[];
  readonly bystanders: { readonly attacked: Refusals; readonly idle: Refusals };
}

const MARKET = 'edge';
/** In the same processes; no attack names it. */
const QUIET_MARKET = 'quiet-edge';
const SKU = 'edge-1';
/** Attacks per round. Then follows the same time without attacks, up to this bound. */
const ROUND = 250;
const CALM_MAX_MS = 500;
const RETRIES_MAX = 40;
const RETRY_MS = 250;

/**
 * Sends hostile text, dates, numbers and lengths to every place of every request that the gateway's own document
 * describes, while innocent clients write. Every other round is without attacks, so that a refusal of innocent clients
 * can be attributed to an attack.
 */
export async function runEdge(options: EdgeOptions): Promise<EdgeReport> {
  const { gatewayUrl, seed, requests, clients, onProgress } = options;
  const known = await open(gatewayUrl);
  const document = (await (await fetch(`${gatewayUrl}/openapi.json`)).json()) as OpenApi;
  const sampler = new Sampler(document, known, seededRandom(seed));
  const statuses: Record<string, number> = {};
  const broken: string[] = [];
  const bystanders = new Bystanders(gatewayUrl, QUIET_MARKET, SKU);
  bystanders.start();
  for (let sent = 0; sent < requests; ) {
    const startedAtMs = Date.now();
    const until = Math.min(requests, sent + ROUND);
    bystanders.phase = 'attacked';
    await Promise.all(Array.from({ length: clients }, async () => {
      while (sent < until) {
        const attack = sampler.attack(sent);
        sent += 1;
        const status = await attempt(gatewayUrl, attack, broken);
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    }));
    bystanders.phase = 'idle';
    await sleep(Math.min(Date.now() - startedAtMs, CALM_MAX_MS));
    onProgress(`${sent} sent, ${broken.length} broken`);
  }
  return {
    operations: sampler.size, sent: requests, statuses, broken,
    bystanders: { attacked: bystanders.refusals.attacked, idle: (await bystanders.stop()).idle },
  };
}

/** Sends it, and repeats it under its key while the answer asks for a retry. */
async function attempt(gatewayUrl: string, attack: Attack, broken: string[]): Promise<string> {
  for (let retry = 0; ; retry += 1) {
    const { status, text } = await ask(gatewayUrl, attack);
    if (status === 503 || status === 504) {
      if (retry < RETRIES_MAX) {
        await sleep(RETRY_MS);
        continue;
      }
      broken.push(`${attack.what}: ${status} ${retry} times: ${text}`);
    } else if (status >= 500 || status === 0) {
      broken.push(`${attack.what}: ${status} ${text}`);
    }
    return String(status);
  }
}

async function ask(gatewayUrl: string, { method, path, headers, body }: Attack): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(`${gatewayUrl}${path}`, {
      method, headers, redirect: 'manual', ...(body === undefined ? {} : { body: bytesOf(body) }), signal: AbortSignal.timeout(30_000),
    });
    // A stream has no end.
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
      await response.body?.cancel();
      return { status: response.status, text: '' };
    }
    return { status: response.status, text: (await response.text()).slice(0, 300) };
  } catch (error) {
    // `fetch` itself refuses some headers and paths, which the gateway never gets.
    if (error instanceof TypeError && (error as { cause?: unknown }).cause === undefined) return { status: -1, text: '' };
    return { status: 0, text: String((error as { cause?: unknown }).cause ?? error) };
  }
}

/** UTF-8, except for low surrogates from U+DC80 to U+DCFF, which stand for single bytes. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = [...text].flatMap((character) => {
    const code = character.codePointAt(0)!;
    return code >= 0xdc80 && code <= 0xdcff ? [code - 0xdc00] : [...Buffer.from(character)];
  });
  return Uint8Array.from(bytes);
}

/** Creates a market, a product, a basket, an order and so on, so that requests have a target. */
async function open(gatewayUrl: string): Promise<Known> {
  const put = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    for (;;) {
      const response = await fetch(`${gatewayUrl}/v1${path}`, {
        method, headers: { 'content-type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}),
      });
      if (response.ok || response.status === 409) return (await response.json()) as Record<string, unknown>;
      await sleep(RETRY_MS);
    }
  };
  const product = { sku: SKU, name: 'Edge', price: { amount: 100, currency: 'GBP' }, quantity: 1_000_000 };
  for (const market of [MARKET, QUIET_MARKET]) {
    await put('PUT', `/markets/${market}`, { currency: 'GBP' });
    await put('POST', `/markets/${market}/products`, product);
  }
  // A basket is accepted once its server knows the market, and each basket may be on another server.
  for (const [market, basket] of [[MARKET, 'edge'], [QUIET_MARKET, BYSTANDERS_BASKET]]) {
    await put('POST', `/markets/${market}/baskets/${basket}/lines`, { sku: SKU });
  }
  for (const name of ['edge', 'quiet-edge']) await put('POST', '/consumers', { name });
  await put('PUT', '/pipelines/edge', { rate: 1 });
  const { id } = await put('POST', '/orders', { market: MARKET, lines: [{ sku: SKU }] });
  return {
    market: [MARKET], sku: [SKU, 'edge-2'], basket: ['edge', 'edge-b'], from: ['edge-b', 'edge-c'], order: [String(id)], currency: ['GBP'],
    consumer: ['edge'], pipeline: ['edge'], name: ['edge'], version: ['1.0.0'], items: [SKU], category: ['edge'], lot: ['edge'],
    source: ['export default {}'], limit: ['5'], cursor: ['0'],
  };
}
