import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@aisle/std';
import { seededRandom } from '@aisle/std/testing';
import type { ShopRequest } from '../workload/shop-http.ts';
import { Asked, isPassing } from './asked.ts';

export type Phase = 'attacked' | 'alone';

/** The effects on innocent shoppers in one phase. */
export interface Felt {
  readonly tookMs: number[];
  /** Answers of 429, 503 and 504. */
  passing: number;
  /** Answers whose price went without a rule, although that rule did nothing wrong. */
  degraded: number;
}

export const MARKET = 'm1';
/** The last one's rule is a script, which shares the workers with the hostile ones. */
const INNOCENT_SKUS = ['GR1', 'SR1', 'CF1', 'P0211', 'P0212', 'P0225'] as const;
export const HONEST_SKU = 'P0225';

const SHOPPERS = 8;
const THINK_MS_MAX = 100;

/** Shoppers who buy nothing that a hostile script prices. */
export class Innocents {
  readonly felt: Readonly<Record<Phase, Felt>> = {
    attacked: { tookMs: [], passing: 0, degraded: 0 }, alone: { tookMs: [], passing: 0, degraded: 0 },
  };
  readonly asked: Asked;
  /** Refusals that no shopper deserves. */
  readonly refused: string[] = [];
  phase: Phase = 'alone';
  private running: readonly Promise<void>[] = [];
  private isStopped = false;

  constructor(gatewayUrl: string, private readonly seed: number) {
    this.asked = new Asked(gatewayUrl);
  }

  start(): void {
    this.running = Array.from({ length: SHOPPERS }, (_, number) => this.shop(number, seededRandom(this.seed * 1_000 + number)));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.running);
  }

  private async shop(number: number, random: Random): Promise<void> {
    const path = `/v1/markets/${MARKET}/baskets/innocent-${number}`;
    while (!this.isStopped) {
      const felt = this.felt[this.phase];
      const request = drawRequest(path, random);
      const answer = await this.asked.ask(request);
      felt.tookMs.push(answer.tookMs);
      if (isPassing(answer)) felt.passing += 1;
      else if (answer.kind === 'answered' && answer.status >= 400 && !isRule(answer.body)) {
        this.refused.push(`${request.method} ${request.path} was answered ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      if (answer.kind === 'answered' && (answer.body as { degraded?: boolean }).degraded) felt.degraded += 1;
      await sleep(random.next() * THINK_MS_MAX);
    }
  }
}

/** Not there yet, or empty after a checkout. */
function isRule({ code }: { readonly code?: string }): boolean {
  return ['basket.missing', 'basket.empty', 'basket.line_missing'].includes(code ?? '');
}

/** Half are changes, three in ten reads, and the rest quotes and checkouts. */
function drawRequest(path: string, random: Random): ShopRequest {
  const sku = INNOCENT_SKUS[random.int(INNOCENT_SKUS.length)];
  const quantity = 1 + random.int(4);
  const drawn = random.int(100);
  if (drawn < 30) return { method: 'POST', path: `${path}/lines`, body: { sku, quantity } };
  if (drawn < 50) return { method: 'PUT', path: `${path}/lines/${sku}`, body: { quantity } };
  if (drawn < 80) return { method: 'GET', path };
  if (drawn < 95) return { method: 'POST', path: `/v1/markets/${MARKET}/quotes`, body: { items: [{ sku, quantity }] } };
  return { method: 'POST', path: `${path}/checkout` };
}
