// `npm run sim -- --seeds 100000 [--from 1]` runs the cluster's simulation over more seeds than a test has time for.
import { parseArgs } from 'node:util';
import { simulateSeeds } from '@aisle/simulation';
import { clusterScenario, requiredCoverage } from './scenario.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string' }, from: { type: 'string' } } });
const [seeds, from] = [wholeNumber(values.seeds ?? '2000', '--seeds'), wholeNumber(values.from ?? '1', '--from')];

// No failure here needs a stack trace, and traces would cost as much time as the protocol itself.
Error.stackTraceLimit = 0;
const everySeeds = Math.max(1, Math.floor(seeds / 20));
const { coverage, virtualMs } = await simulateSeeds({
  seeds,
  from,
  scenario: clusterScenario(),
  // Fewer seeds cannot be expected to reach every branch.
  required: seeds < 2_000 ? [] : requiredCoverage,
  replay: (seed) => `npm run sim -- --seeds 1 --from ${seed}`,
  onSeed: (seed) => {
    const done = seed - from + 1;
    if (done % everySeeds === 0) console.log(`${done} of ${seeds} seeds, no violation`);
  },
});
console.log(`\n${seeds} seeds from ${from}, ${Math.round(virtualMs / 3_600_000)} hours of virtual time: 0 violations\n`);
for (const [name, count] of Object.entries(coverage)) console.log(`${String(count).padStart(10)}  ${name}`);

function wholeNumber(text: string, name: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`${name} takes a whole number above 0, not '${text}'`);
  process.exit(2);
}
