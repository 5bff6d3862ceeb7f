import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { askLines, createRuleSet } from '@aisle/pricing';
import type { ActiveStrategy } from '@aisle/pricing';
import type { Sandbox } from '@aisle/pricing/sandbox';
import { hostileSource } from '@aisle/pricing/testing';
import type { HostileScript } from '@aisle/pricing/testing';
import { at } from './shop.ts';

/** The effect of one hostile script on others. */
export interface Attack {
  readonly name: string;
  /** The longest wait of another basket's new line during four attempts. */
  readonly delayMs: number;
  /** The maximum growth of the process. */
  readonly growthMiB: number;
}

const TRIALS = 4;
const PROBE_MS = 2;
const ATTACKED = 'attacked';

/**
 * Tries a hostile script on four baskets at once, and asks for a line of another basket all the while. That line is
 * priced by honest rules, and by the hostile script too once it is read, which has no effect on that line.
 */
export async function attack(sandbox: Sandbox, honest: ActiveStrategy, hostile: HostileScript): Promise<Attack> {
  let over = false;
  const beforeBytes = process.memoryUsage().rss;
  let largestBytes = beforeBytes;
  let delayMs = 0;
  let rules = createRuleSet(1, [honest]);
  const neighbours = (async () => {
    while (!over) {
      const startMs = performance.now();
      await askLines(rules, [newLine()], at);
      delayMs = Math.max(delayMs, performance.now() - startMs);
      largestBytes = Math.max(largestBytes, process.memoryUsage().rss);
      await wait(PROBE_MS);
    }
  })();
  const attacker = await read(sandbox, hostile);
  if (attacker) {
    rules = createRuleSet(1, [honest, attacker]);
    const alone = createRuleSet(1, [attacker]);
    const attacked = Array.from({ length: TRIALS }, () => ({ ...newLine(), category: ATTACKED }));
    await Promise.all(attacked.map((line) => askLines(alone, [line], at)));
  }
  over = true;
  await neighbours;
  return { name: hostile.name, delayMs, growthMiB: (largestBytes - beforeBytes) / 2 ** 20 };
}

/** Undefined for a script that is refused on reading. */
async function read(sandbox: Sandbox, hostile: HostileScript): Promise<ActiveStrategy | undefined> {
  try {
    return sandbox.strategy(await sandbox.read(hostileSource(hostile, { name: 'hostile', scope: {} }, `input.category === '${ATTACKED}'`)));
  } catch (thrown) {
    if ((thrown as { kind?: string }).kind !== 'invalid') throw thrown;
    return undefined;
  }
}

let lines = 0;

/** A line that is in no cache. */
function newLine() {
  lines += 1;
  return { sku: 'GR1', quantity: 1 + (lines % 1_000), unitPriceMinor: 100 + lines };
}
