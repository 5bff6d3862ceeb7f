// Question: what does pricing by scripts cost, and how does a hostile script affect its neighbours? A basket under 25
// scripts in the sandbox, compared with the built-in engine and json-rules-engine.
import { performance } from 'node:perf_hooks';
import { systemRuntime } from '@aisle/std';
import { askBasket, askLines, builtIn, createRuleSet } from '@aisle/pricing';
import type { Item, PricedLine, RuleSet } from '@aisle/pricing';
import { Sandbox } from '@aisle/pricing/sandbox';
import { hostileCorpus } from '@aisle/pricing/testing';
import { bench, quick } from './harness.ts';
import type { BenchCase, BenchResult } from './harness.ts';
import { printTable } from './load/table.ts';
import { attack, type Attack } from './pricing/attack.ts';
import { rulesEngine } from './pricing/rules-engine.ts';
import { at, basketOf, scripts, sourceOf } from './pricing/shop.ts';

type Sizes = { lines: readonly [number, number] };

const CHANGED_MS_MAX = 1;
const COLD_MS_MAX = 20;
const DELAY_MS_MAX = 100;
const GROWTH_MIB_MAX = 64;
const SWAPS = quick ? [5, 25] as const : [100, 10_000] as const;
const SWAP_GROWTH_MIB_MAX = 32;
const LINES = [20, 200] as const;

const sandbox = await Sandbox.start({ runtime: systemRuntime });
try {
  const results = await bench<Sizes>('price a basket by 25 scripts', { lines: LINES }, [
    changedLine('25 scripts', () => rulesOf(scripts())),
    changedLine('25 scripts, baskets line by line', () => rulesOf(scripts({ byLine: true }))),
    changedLine('25 scripts, all on every line', () => rulesOf(scripts({ everywhere: true }))),
    changedLine('25 built-ins', builtIns),
    inFull('25 scripts', () => rulesOf(scripts())),
    inFull('25 scripts, baskets line by line', () => rulesOf(scripts({ byLine: true }))),
    inFull('25 scripts, all on every line', () => rulesOf(scripts({ everywhere: true }))),
    inFull('25 built-ins', builtIns),
    {
      group: 'in full, cold', name: 'json-rules-engine, 23 rules',
      open: ({ lines }) => {
        const price = rulesEngine();
        let season = 0;
        return { operate: async () => void (await price(basketOf(lines, (season += 1)))) };
      },
    },
  ]);
  judge('one changed line, p50 ms', p50(results, 'one changed line', '25 scripts'), CHANGED_MS_MAX);
  judge('in full, cold, p50 ms', p50(results, 'in full, cold', '25 scripts'), COLD_MS_MAX);
  await reportAttacks();
  await reportSwaps();
} finally {
  await sandbox.close();
}

/**
 * One line of a priced basket changes to a new quantity. As in a basket-server, that line is priced, and then the
 * basket with its unchanged other lines.
 */
function changedLine(name: string, rulesFor: () => Promise<RuleSet>): BenchCase<Sizes> {
  return {
    group: 'one changed line', name,
    open: async ({ lines }) => {
      const rules = await rulesFor();
      const items = basketOf(lines, 0);
      const priced = await askLines(rules, items, at);
      let changes = 0;
      return {
        operate: async () => {
          changes += 1;
          const index = changes % lines;
          const [line] = await askLines(rules, [{ ...items[index]!, quantity: 10 + changes }], at);
          priced[index] = line!;
          await total(rules, priced);
        },
      };
    },
  };
}

/** Every line at a price that is in no cache. The scripts themselves are loaded. */
function inFull(name: string, rulesFor: () => Promise<RuleSet>): BenchCase<Sizes> {
  return {
    group: 'in full, cold', name,
    open: async ({ lines }) => {
      const rules = await rulesFor();
      let season = 0;
      return { operate: () => price(rules, basketOf(lines, (season += 1))) };
    },
  };
}

async function price(rules: RuleSet, items: readonly Item[]): Promise<void> {
  await total(rules, await askLines(rules, items, at));
}

async function total(rules: RuleSet, lines: readonly PricedLine[]): Promise<void> {
  const { degraded } = await askBasket(rules, lines, [], at);
  if (degraded) throw new Error('a script failed: the figures would mean nothing');
}

async function rulesOf(sources: readonly string[]): Promise<RuleSet> {
  const versions = await Promise.all(sources.map((source) => sandbox.read(source)));
  sandbox.keep(new Set());
  return createRuleSet(1, versions.map((version) => sandbox.strategy(version)));
}

async function builtIns(): Promise<RuleSet> {
  return createRuleSet(1, Array.from({ length: 25 }, (_, index) => {
    const config = { name: `rule-${index}`, version: '1.0.0' };
    if (index >= 23) {
      return builtIn('spend-x-save-y@1', { ...config, params: { spendMinor: 2000, saveMinor: 10, repeat: true } });
    }
    const scope = index < 18 ? { categories: [`category-${index}`] } : {};
    return builtIn('percent-off@1', { ...config, scope, params: { percent: 2, from: 8 } });
  }));
}

async function reportAttacks(): Promise<void> {
  const honest = sandbox.strategy(await sandbox.read(sourceOf(
    { name: 'honest', kind: 'line', scope: {} }, `return { adjustments: [] };`,
  )));
  const attacks: Attack[] = [];
  // Exclude the garbage of earlier cases.
  await settledMiB();
  for (const hostile of quick ? hostileCorpus.slice(0, 3) : hostileCorpus) {
    attacks.push(await attack(sandbox, honest, hostile));
  }
  const worst = (by: 'delayMs' | 'growthMiB') => [...attacks].sort((a, b) => b[by] - a[by]).slice(0, 3);
  printTable(
    [`the worst of ${attacks.length} hostile scripts`, 'delay to others, ms', 'growth, MiB'],
    [...new Set([...worst('delayMs'), ...worst('growthMiB')])].map(({ name, delayMs, growthMiB }) =>
      [name, delayMs.toFixed(1), growthMiB.toFixed(1)]),
  );
  judge('delay to another basket, ms', Math.max(...attacks.map(({ delayMs }) => delayMs)), DELAY_MS_MAX);
  judge('growth of the process, MiB', Math.max(...attacks.map(({ growthMiB }) => growthMiB)), GROWTH_MIB_MAX);
}

/** New versions of one strategy, each used for one price. */
async function reportSwaps(): Promise<void> {
  const [few, many] = SWAPS;
  const startMs = performance.now();
  let afterFew = 0;
  for (let swap = 1; swap <= many; swap += 1) {
    const version = await sandbox.read(sourceOf(
      { name: 'swapped', kind: 'line', scope: {} }, `return { adjustments: [], skipped: [{ code: 'x', reason: '${swap}' }] };`,
    ));
    sandbox.keep(new Set([version.sha256]));
    await price(createRuleSet(swap, [sandbox.strategy(version)]), basketOf(1, swap));
    if (swap === few) afterFew = await settledMiB();
  }
  const swapMs = (performance.now() - startMs) / many;
  console.log(`${many} swaps of a script, ${swapMs.toPrecision(3)} ms each, from its source to its first price`);
  const growth = (await settledMiB()) - afterFew;
  judge(`growth from ${few} to ${many} swaps of a script, MiB`, growth, SWAP_GROWTH_MIB_MAX);
}

async function settledMiB(): Promise<number> {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().rss / 2 ** 20;
}

function p50(results: readonly BenchResult[], group: string, name: string): number {
  return results.find((each) => each.group === group && each.name === name)?.p50Ms ?? Number.NaN;
}

function judge(bar: string, measured: number, most: number): void {
  const met = measured <= most;
  console.log(`${bar}, at most ${most}: ${measured.toPrecision(3)}, ${met ? 'met' : 'MISSED'}`);
  if (!met && !quick) process.exitCode = 1;
}
