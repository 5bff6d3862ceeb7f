// `npm run chaos -- [--minutes 20] [--seed 1] [--quick] [--only <part of a name>]…`: exits with 1 if a promise was
// broken. The seed decides the faults, their order and their victims; the machine decides the times.
import { readFlags } from '@aisle/dev';
import { seededRandom } from '@aisle/std/testing';
import { runChaos } from './chaos-run.ts';
import { quickChaos } from './quick-chaos.ts';
import { allNemeses, inRounds, named } from './nemeses/schedule.ts';
import { textOf } from './verdict/report.ts';

const values = readFlags({
  minutes: { type: 'string', default: '20' },
  seed: { type: 'string', default: '1' },
  quick: { type: 'boolean', default: false },
  only: { type: 'string', multiple: true, default: [] },
});
const seed = Number(values.seed);
const startedAtMs = Date.now();
const onProgress = (line: string): void => {
  console.log(`${((Date.now() - startedAtMs) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
};
const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort());
const nemeses = values.only.length > 0 ? named(values.only) : allNemeses;
const only = values.only.map((name) => ` --only '${name}'`).join('');
const running = values.quick
  ? quickChaos({ seed, onProgress, signal })
  : runChaos({
      seed,
      nemeses: inRounds(nemeses, seededRandom(seed)),
      forMs: Number(values.minutes) * 60_000,
      baskets: 36,
      shoppers: 20,
      takesOrders: true,
      calmMs: 3_000,
      judgesTimes: true,
      replay: `npm run chaos -- --minutes ${values.minutes} --seed ${seed}${only}`,
      onProgress,
      signal,
    });
const report = await running.catch((error: unknown) => {
  if (signal.aborted) process.exit(130);
  throw error;
});
console.log(`\n${textOf(report)}`);
process.exit(report.findings.total === 0 ? 0 : 1);
