import { setTimeout as sleep } from 'node:timers/promises';
import type { HostileScript } from '@aisle/pricing/testing';
import { seededRandom } from '@aisle/std/testing';
import { Asked } from './asked.ts';
import { Attack, type AttackOutcome } from './attack.ts';
import { HONEST_SKU, Innocents, MARKET, type Felt, type Phase } from './innocents.ts';

export interface ScriptsOptions {
  readonly gatewayUrl: string;
  readonly seed: number;
  /** Every script is tried once. No batch of further attempts begins later than this. */
  readonly forMs: number;
  readonly corpus: readonly HostileScript[];
  readonly onProgress: (line: string) => void;
}

/** The result of a run. */
export interface ScriptsReport {
  readonly seed: number;
  readonly corpusSize: number;
  readonly tookMs: number;
  readonly outcomes: readonly AttackOutcome[];
  /** The answers to requests that sent and sold hostile scripts, by status. */
  readonly hostileAnswers: Readonly<Record<string, number>>;
  readonly innocentAnswers: Readonly<Record<string, number>>;
  readonly offMs: readonly number[];
  readonly felt: Readonly<Record<Phase, Felt>>;
  readonly findings: readonly string[];
}

/** Scripts per batch. A pause without scripts follows, so that effects on innocent shoppers can be attributed. */
const BATCH = 8;
const ALONE_MS_MAX = 6_000;
/** Scripts that are in force at once. */
const LANES = 2;
/**
 * The time from one script of a lane to its next. Without it the attack would take as much processor time as there is,
 * and the run would measure how busy the machine is.
 */
const PACE_MS = 2_000;
const HONEST = 'honest-script';
const PATIENCE_MS = 120_000;

/**
 * Runs every script of the hostile corpus on a system, a few at a time, each on a product of its own, while innocent
 * shoppers buy other products. Then again in another order, until the time is over.
 */
export async function runScripts({ gatewayUrl, seed, forMs, corpus, onProgress }: ScriptsOptions): Promise<ScriptsReport> {
  await openSandboxes(gatewayUrl);
  const startedAtMs = Date.now();
  const innocents = new Innocents(gatewayUrl, seed);
  const attack = new Attack(gatewayUrl);
  const outcomes: AttackOutcome[] = [];
  innocents.start();
  const isOver = (): boolean => outcomes.length >= corpus.length && Date.now() - startedAtMs >= forMs;
  for (const batch of inBatches(corpus, seed)) {
    if (isOver()) break;
    const batchAtMs = Date.now();
    innocents.phase = 'attacked';
    await Promise.all(Array.from({ length: LANES }, async () => {
      for (let entry = batch.pop(); entry; entry = batch.pop()) {
        const paced = sleep(PACE_MS);
        outcomes.push(await attack.try(entry.script, `hostile-${seed}-${entry.round}-${entry.number}`, skuOf(entry.number)));
        await paced;
      }
    }));
    innocents.phase = 'alone';
    await sleep(Math.min(ALONE_MS_MAX, Date.now() - batchAtMs));
    onProgress(`${outcomes.length} scripts tried`);
  }
  await innocents.stop();
  const honest = await attack.asked.askUntilTold<{ active?: string | null }>({ method: 'GET', path: `/v1/strategies/${HONEST}` });
  return {
    seed, corpusSize: corpus.length, tookMs: Date.now() - startedAtMs, outcomes, offMs: attack.offMs, felt: innocents.felt,
    hostileAnswers: attack.asked.counts, innocentAnswers: innocents.asked.counts,
    findings: [
      ...attack.findings, ...attack.asked.broken, ...innocents.asked.broken.map((text) => `an innocent: ${text}`),
      ...innocents.refused.map((text) => `an innocent: ${text}`),
      ...(honest?.body.active === '1' ? [] : ['the honest script is no longer in force']),
    ],
  };
}

interface Entry {
  readonly script: HostileScript;
  readonly round: number;
  /** Its place in the corpus. */
  readonly number: number;
}

/** All of them in an order of the seed, some at a time, and again in another, without end. */
function* inBatches(corpus: readonly HostileScript[], seed: number): Generator<Entry[]> {
  const random = seededRandom(seed);
  for (let round = 1; ; round += 1) {
    const left = corpus.map((script, number) => ({ script, round, number }));
    const drawn = corpus.map(() => left.splice(random.int(left.length), 1)[0] as Entry);
    while (drawn.length > 0) yield drawn.splice(0, BATCH);
  }
}

function skuOf(number: number): string {
  return `P${String(number + 1).padStart(4, '0')}`;
}

/** Activates an honest script, and waits until quotes are priced by it. The first one starts the sandboxes. */
async function openSandboxes(gatewayUrl: string): Promise<void> {
  const asked = new Asked(gatewayUrl);
  const path = `/v1/strategies/${HONEST}`;
  await asked.askUntilTold({ method: 'POST', path: '/v1/strategies', body: { source: honestSource() } });
  await asked.askUntilTold({ method: 'POST', path: `${path}/versions/1/validate` });
  await asked.askUntilTold({ method: 'PUT', path: `${path}/rollout`, body: { state: 'active', version: '1' }, ifMatch: '*' });
  const quote = { method: 'POST', path: `/v1/markets/${MARKET}/quotes`, body: { items: [HONEST_SKU] } } as const;
  for (const untilMs = Date.now() + PATIENCE_MS; Date.now() < untilMs; await sleep(100)) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => asked.ask(quote)));
    if (answers.every((answer) => answer.kind === 'answered' && JSON.stringify(answer.body).includes(HONEST))) return;
  }
  throw new Error('the honest script was not in force in time');
}

function honestSource(): string {
  const test = { name: 'a penny', input: { sku: HONEST_SKU, quantity: 1, unitPriceMinor: 100, netMinor: 100 }, expect: { netMinor: 99 } };
  const meta = {
    contract: 1, name: HONEST, version: '1', kind: 'line', title: HONEST, scope: { skus: [HONEST_SKU] }, priority: 0, stack: 'stack', tests: [test],
  };
  return `export default { meta: ${JSON.stringify(meta)}, price: ({ quantity }) =>
    ({ adjustments: [{ code: 'penny', amountMinor: -quantity, message: 'a penny off' }] }) };`;
}
