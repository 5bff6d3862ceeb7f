// `npm run simulate`: shoppers for a running system, and a report of invariants.
import { Chance } from './simulator/chance.ts';
import { runSimulator } from './simulator/command-line.ts';
import type { Violation } from './simulator/invariants.ts';
import { Ledger } from './simulator/ledger.ts';
import { help, parseOptions, type SimulatorOptions } from './simulator/options.ts';
import { judge, reportLines } from './simulator/report.ts';
import { ShopClient } from './simulator/shop-client.ts';
import { Shopper } from './simulator/shopper.ts';
import { stopAfter } from './simulator/stop-after.ts';
import { Tally } from './simulator/tally.ts';

const LINE_EVERY_MS = 3_000;

await runSimulator({ help, parseOptions }, simulate);

async function simulate({ url, shoppers, durationMs, seed, thinkMs }: SimulatorOptions): Promise<number> {
  const tally = new Tally();
  const ledger = new Ledger();
  const client = new ShopClient(url, tally);
  const violations: Violation[] = [];
  // Baskets outlive a run, so each run has its own names. A name is no random choice, and changes none.
  const run = `run-${seed}-${Date.now().toString(36)}`;
  const stopped = stopAfter(durationMs);

  console.log(`${shoppers} shoppers at ${url}, seed ${seed}`);
  const lines = setInterval(() => console.log(tally.line(ledger.all.length)), LINE_EVERY_MS);
  await Promise.all(
    Array.from({ length: shoppers }, (_, index) =>
      new Shopper({
        client, ledger, tally, run, thinkMs, stopped,
        chance: new Chance(seed * 65_537 + index),
        name: `${run}-${index + 1}`,
        complain: (violation) => void violations.push(violation),
      }).shop(),
    ),
  );
  clearInterval(lines);

  for (const [bug, count] of tally.bugs) {
    violations.push({ rule: 'answers', basket: 'the gateway', what: `${count} times ${bug}` });
  }
  try {
    violations.push(...(await judge(ledger, client)));
  } catch (error) {
    console.log(`\nThe invariants could not be checked: ${(error as Error).message}`);
    return 1;
  }
  for (const line of reportLines(ledger, violations)) console.log(line);
  return violations.length === 0 ? 0 : 1;
}
