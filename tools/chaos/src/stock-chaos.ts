// `npm run chaos:stock -- [--minutes 20] [--seed 1] [--quick] [--only <part of a name>]…`: orders, cancellations,
// expiries, adjustments and kills. Exits with 1 if a unit was sold twice, lost, or reported inconsistently.
import { readFlags } from '@aisle/dev';
import { seededRandom } from '@aisle/std/testing';
import { inRounds, named } from './nemeses/schedule.ts';
import { quickStockNemeses, stockNemeses } from './stock/stock-nemeses.ts';
import { runStockChaos, stockReportText } from './stock/stock-run.ts';

const values = readFlags({
  minutes: { type: 'string', default: '20' },
  seed: { type: 'string', default: '1' },
  quick: { type: 'boolean', default: false },
  only: { type: 'string', multiple: true, default: [] },
});
const seed = Number(values.seed);
const startedAtMs = Date.now();
const nemeses = values.only.length > 0 ? named(values.only, stockNemeses) : stockNemeses;
const report = await runStockChaos({
  seed,
  nemeses: values.quick ? quickStockNemeses : inRounds(nemeses, seededRandom(seed)),
  forMs: Number(values.minutes) * 60_000,
  clients: values.quick ? 8 : 16,
  calmMs: values.quick ? 1_000 : 3_000,
  onProgress: (line) => console.log(`${((Date.now() - startedAtMs) / 1_000).toFixed(1).padStart(7)} s  ${line}`),
});
console.log(`\n${stockReportText(report)}`);
process.exit(report.findings.total === 0 && report.errorLines.length === 0 ? 0 : 1);
