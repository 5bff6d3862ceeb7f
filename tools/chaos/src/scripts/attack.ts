import { setTimeout as sleep } from 'node:timers/promises';
import { hostileSource, type HostileScript } from '@aisle/pricing/testing';
import type { ShopRequest } from '../workload/shop-http.ts';
import { Asked } from './asked.ts';
import { MARKET } from './innocents.ts';

/** The result of one hostile script. */
export interface AttackOutcome {
  readonly script: string;
  /** Refused everywhere, blamed for its failure, or in force with a valid answer. */
  readonly end: 'refused' | 'blamed' | 'harmless' | 'unblamed';
  /** The reason of the refusal, or the reason in the price without it. */
  readonly reason: string;
  /** The retirement in the audit, if it was retired. */
  readonly retired: string | undefined;
}

interface PricedAnswer {
  readonly lines?: readonly { readonly sku: string; readonly gross: Money; readonly net: Money; readonly adjustments: readonly Named[] }[];
  readonly skipped?: readonly (Named & { readonly code: string; readonly reason: string })[];
}

interface Named {
  readonly strategy: string;
}

interface Money {
  readonly amount: number;
}

/** The quantity above which a script misbehaves. Its tests and the check of its budget use smaller ones. */
const HARM_FROM = 100;
const WAVE = 2;
const LAST_WAVE = 6;
/** The time within which a script in force must be blamed. One that may be harmless has a part of it. */
const BLAMED_WITHIN_MS = 20_000;
const HARMLESS_AFTER_MS = 2_000;

/**
 * One hostile script at a time: loads it, activates it for a product of its own, sells that product, and switches it
 * off.
 */
export class Attack {
  readonly asked: Asked;
  /** The durations of the requests to switch a script off, and the failed ones. */
  readonly offMs: number[] = [];
  readonly findings: string[] = [];
  private quantity = HARM_FROM;
  private baskets = 0;

  constructor(gatewayUrl: string) {
    this.asked = new Asked(gatewayUrl);
  }

  /** `name` is the strategy's own, `sku` its only product. */
  async try(script: HostileScript, name: string, sku: string): Promise<AttackOutcome> {
    const outcome = (end: AttackOutcome['end'], reason: string, retired?: string): AttackOutcome => ({ script: script.name, end, reason, retired });
    const scope = { skus: [sku], ...script.meta?.scope };
    const refusal = await this.release(hostileSource(script, { name, scope }, `input.quantity > ${HARM_FROM}`), name);
    if (refusal !== undefined) {
      if (!script.ends.includes('refused')) this.findings.push(`${script.name} should be in force, but was refused: ${refusal}`);
      return outcome('refused', refusal);
    }
    const reason = await this.provoke(script, name, sku);
    await this.switchOffAmid(name, sku);
    const retired = await this.retirementOf(name);
    if (reason !== undefined || retired !== undefined) return outcome('blamed', reason ?? '', retired);
    if (script.ends.includes('honest')) return outcome('harmless', '');
    this.findings.push(`${script.name} was in force for ${BLAMED_WITHIN_MS} ms, and nobody blamed it`);
    return outcome('unblamed', '');
  }

  /** The reason why it is not in force, if it is not. */
  private async release(source: string, name: string): Promise<string | undefined> {
    const path = `/v1/strategies/${name}`;
    const loaded = await this.asked.askUntilTold<{ code?: string }>({ method: 'POST', path: '/v1/strategies', body: { source } });
    if (loaded === undefined || loaded.status >= 300) return loaded?.body.code ?? 'no answer';
    const validated = await this.asked.askUntilTold<{ passed: boolean; problems: string[] }>(
      { method: 'POST', path: `${path}/versions/1.0.0/validate` });
    if (!validated?.body.passed) return validated?.body.problems.join() ?? 'no answer';
    const body = { state: 'active', version: '1.0.0' };
    const active = await this.asked.askUntilTold<{ code?: string }>({ method: 'PUT', path: `${path}/rollout`, body, ifMatch: '*' });
    return active?.status === 200 ? undefined : (active?.body.code ?? 'no answer');
  }

  /** Sells the product until an answer reports the script's failure, and returns that report. */
  private async provoke({ ends }: HostileScript, name: string, sku: string): Promise<string | undefined> {
    const untilMs = Date.now() + (ends.includes('honest') ? HARMLESS_AFTER_MS : BLAMED_WITHIN_MS);
    while (Date.now() < untilMs) {
      const reasons = await Promise.all(this.wave(WAVE, sku).map((request) => this.sell(request, name, sku)));
      const reason = reasons.find((each) => each !== undefined);
      if (reason !== undefined) return reason;
      // It is not yet in force on that server, or retired there and soon everywhere.
      if ((await this.retirementOf(name)) !== undefined) return undefined;
      await sleep(50);
    }
    return undefined;
  }

  /** Switching off is answered while the script is being asked. */
  private async switchOffAmid(name: string, sku: string): Promise<void> {
    const selling = Promise.all(this.wave(LAST_WAVE, sku).map((request) => this.sell(request, name, sku)));
    const path = `/v1/strategies/${name}/rollout`;
    const answer = await this.asked.ask({ method: 'PUT', path, body: { state: 'off' }, ifMatch: '*' });
    this.offMs.push(answer.tookMs);
    const isOff = answer.kind === 'answered' && answer.status < 300;
    if (!isOff) this.findings.push(`PUT ${path} off was answered ${answer.kind === 'answered' ? answer.status : answer.cause}`);
    await selling;
  }

  private async retirementOf(name: string): Promise<string | undefined> {
    const audit = await this.asked.askUntilTold<{ items?: readonly { action: string; details: { reason?: string } }[] }>(
      { method: 'GET', path: `/v1/strategies/${name}/audit` });
    return audit?.body.items?.find(({ action }) => action === 'retired')?.details.reason;
  }

  /** Baskets that are filled, read and checked out, and quotes, each for a new quantity. */
  private wave(size: number, sku: string): ShopRequest[][] {
    return Array.from({ length: size }, (_, number) => {
      const quantity = (this.quantity = HARM_FROM + 1 + (this.quantity % 9_000));
      const path = `/v1/markets/${MARKET}/baskets/hostile-${(this.baskets += 1)}`;
      const quote: ShopRequest = { method: 'POST', path: `/v1/markets/${MARKET}/quotes`, body: { items: [{ sku, quantity }] } };
      const fill: ShopRequest = { method: 'PUT', path: `${path}/lines/${sku}`, body: { quantity } };
      if (number % 3 === 1) return [quote];
      return [fill, { method: 'GET', path }, ...(number % 3 === 2 ? [{ method: 'POST', path: `${path}/checkout` } as const] : [])];
    });
  }

  /**
   * One after another. Returns an answer's report about the script, if it was left out. A hostile script changes no
   * price.
   */
  private async sell(requests: readonly ShopRequest[], name: string, sku: string): Promise<string | undefined> {
    let reason: string | undefined;
    for (const request of requests) {
      const answer = await this.asked.ask(request);
      if (answer.kind === 'lost') continue;
      const { lines = [], skipped = [] } = answer.body as unknown as PricedAnswer;
      reason ??= skipped.find(({ code, strategy }) => code === 'failed' && strategy === name)?.reason;
      const charged = lines.find((line) => line.sku === sku && line.net.amount !== line.gross.amount);
      if (charged) this.findings.push(`${name} changed a price: ${JSON.stringify(charged)}`);
    }
    return reason;
  }
}
