import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { askLines, createRuleSet } from '@aisle/pricing';
import type { RuleSet } from '@aisle/pricing';
import type { Sandbox } from '@aisle/pricing/sandbox';
import type { HostileScript } from '@aisle/pricing/testing';
import { at, sourceOf } from './shop.ts';

/** What one hostile script did to others. */
export interface Attack {
  readonly name: string;
  /** The longest that another basket's new line waited while it was tried four times. */
  readonly delayMs: number;
  /** What the process had grown by at its largest. */
  readonly growthMiB: number;
}

const TRIALS = 4;
const PROBE_MS = 2;

/** Tries a hostile script on four baskets at once, and asks for an honest line all the while. */
export async function attack(sandbox: Sandbox, honest: RuleSet, hostile: HostileScript): Promise<Attack> {
  let over = false;
  const beforeBytes = process.memoryUsage().rss;
  let largestBytes = beforeBytes;
  let delayMs = 0;
  const neighbours = (async () => {
    while (!over) {
      const startMs = performance.now();
      await askLines(honest, [newLine()], at);
      delayMs = Math.max(delayMs, performance.now() - startMs);
      largestBytes = Math.max(largestBytes, process.memoryUsage().rss);
      await wait(PROBE_MS);
    }
  })();
  await harm(sandbox, hostile);
  over = true;
  await neighbours;
  return { name: hostile.name, delayMs, growthMiB: (largestBytes - beforeBytes) / 2 ** 20 };
}

async function harm(sandbox: Sandbox, { name, body, before }: HostileScript): Promise<void> {
  const source = sourceOf({ name: 'hostile', kind: 'line', scope: {} }, body, `// ${name}\n${before ?? ''}`);
  try {
    const rules = createRuleSet(1, [sandbox.strategy(await sandbox.read(source))]);
    await Promise.all(Array.from({ length: TRIALS }, () => askLines(rules, [newLine()], at)));
  } catch (thrown) {
    // Refused as it was read.
    if ((thrown as { kind?: string }).kind !== 'invalid') throw thrown;
  }
}

let lines = 0;

/** A line that nothing remembers. */
function newLine() {
  lines += 1;
  return { sku: 'GR1', quantity: 1 + (lines % 1_000), unitPriceMinor: 100 + lines };
}
