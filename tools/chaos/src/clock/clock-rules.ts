import { askUntilDone } from '../workload/ask-until.ts';
import { send } from '../workload/shop-http.ts';
import { BEGINNING, ENDING, OFF_MINOR, SKUS, TICKING, type Instants } from './clock-verdict.ts';

type GatewayUrl = () => string | undefined;

/** The market of the script, in which time changes no price except at the two instants. The load shops elsewhere. */
export const TICKING_MARKET = 'm2';
export const STEADY_MARKET = 'm3';

/** The lead of the first rule's end; twice as much if a busy machine had no time left. */
const LEAD_MS = 4_000;
const LEAD_MS_MAX = 64_000;
/** The time left before the end when every server has the rules. */
const BEFORE_END_MS = 1_500;
const GAP_MS = 2_500;
/** Quotes go to a random server: this many in a row miss one of three with a chance of 1 in 10,000. */
const QUOTES = 24;
const TEST_LINE = { quantity: 1, unitPriceMinor: 100, netMinor: 100 };

/**
 * Activates three rules: one with `until` an instant that is some seconds ahead, one with `from` a later instant, and a
 * script that gets the seconds. Resolves when all servers price by them.
 */
export async function putRulesInForce(gateway: GatewayUrl): Promise<Instants> {
  const script = String(Date.now());
  await putInForce(gateway, TICKING, script, { source: tickingSource(script) });
  for (let leadMs = LEAD_MS; leadMs <= LEAD_MS_MAX; leadMs *= 2) {
    const endsAtMs = Date.now() + leadMs;
    const beginsAtMs = endsAtMs + GAP_MS;
    const version = String(endsAtMs);
    await putInForce(gateway, BEGINNING, version, fixedOff(BEGINNING, version, { from: isoOf(beginsAtMs) }));
    await putInForce(gateway, ENDING, version, fixedOff(ENDING, version, { until: isoOf(endsAtMs) }));
    // The last activated rule: a server that has it has the others.
    while (Date.now() < endsAtMs - BEFORE_END_MS) {
      if (await isInForceEverywhere(gateway, version)) return { endsAtMs, beginsAtMs };
    }
  }
  throw new Error(`the rules were not in force on all servers within ${LEAD_MS_MAX} ms`);
}

/** Switches the rules off. Their versions stay, because a version that was in force cannot be deleted. */
export async function switchOff(gateway: GatewayUrl): Promise<void> {
  for (const name of [ENDING, BEGINNING, TICKING]) await rollOut(gateway, name, { state: 'off' });
}

async function putInForce(gateway: GatewayUrl, name: string, version: string, body: object): Promise<void> {
  const path = `/v1/strategies/${name}/versions/${version}/validate`;
  await askUntilDone(gateway, { method: 'POST', path: '/v1/strategies', body });
  const { passed, problems } = await askUntilDone<{ passed: boolean; problems: string[] }>(gateway, { method: 'POST', path });
  if (!passed) throw new Error(`${name} is not valid: ${problems.join()}`);
  await rollOut(gateway, name, { state: 'active', version });
}

async function rollOut(gateway: GatewayUrl, name: string, body: object): Promise<void> {
  await askUntilDone(gateway, { method: 'PUT', path: `/v1/strategies/${name}/rollout`, body, ifMatch: '*' });
}

async function isInForceEverywhere(gateway: GatewayUrl, version: string): Promise<boolean> {
  const request = { method: 'POST', path: `/v1/markets/${STEADY_MARKET}/quotes`, body: { items: [SKUS[ENDING]] } } as const;
  const answers = await Promise.all(Array.from({ length: QUOTES }, () => send(gateway(), request)));
  return answers.every((answer) => answer.kind === 'answered' && JSON.stringify(answer.body).includes(`"version":"${version}"`));
}

function fixedOff(name: typeof ENDING | typeof BEGINNING, version: string, period: { from?: string; until?: string }): object {
  const scope = { markets: [TICKING_MARKET, STEADY_MARKET], currencies: ['GBP'], skus: [SKUS[name]], ...period };
  return { name, version, use: 'fixed-off@1', title: name, scope, params: { amountMinor: OFF_MINOR[name], per: 'line' } };
}

function tickingSource(version: string): string {
  const test = { name: 'five seconds', now: '2026-01-01T00:00:05Z', input: { sku: SKUS[TICKING], ...TEST_LINE }, expect: { netMinor: 94 } };
  const meta = {
    contract: 1, name: TICKING, version, kind: 'line', title: TICKING, scope: { markets: [TICKING_MARKET], skus: [SKUS[TICKING]] },
    priority: 0, stack: 'stack', needsTime: 'second', tests: [test],
  };
  return `export default { meta: ${JSON.stringify(meta)}, price(input, ctx) {
    return { adjustments: [{ code: 'ticking', amountMinor: -1 - Number(ctx.now.slice(17, 19)), message: ctx.now }] };
  } };`;
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
