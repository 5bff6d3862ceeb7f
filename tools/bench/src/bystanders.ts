// Question: how does the worst legal request of a route, sent again and again, affect innocent clients? Compare the two
// columns, not machines: each route has an idle control before and after it.
//
// `--quick` runs each route for a moment, and `--only=text` the routes whose name contains it. `--json=file` writes the
// figures. Exits with 1 if the p99 beside a route is more than three times that of the control, or an innocent client
// was refused.
import { writeFileSync } from 'node:fs';
import { readFlags } from '@aisle/dev';
import { startSystem } from '@aisle/dev/testing';
import { quantile } from '@aisle/std';
import { Attacker } from './bystanders/attacker.ts';
import { bystanderFigures, prepareBystanders, type RouteFigures } from './bystanders/bystander-run.ts';
import { printTable } from './load/table.ts';

const RATIO_MAX = 3;

const flags = readFlags({
  quick: { type: 'boolean', default: false }, only: { type: 'string', default: '' }, json: { type: 'string' },
});
const windowMs = flags.quick ? 500 : 6_000;
const system = await startSystem({ market: 1, orders: 1, inventory: 1, 'producer-consumer': 1 });
try {
  await prepareBystanders(system.gatewayUrl);
  const attacker = await Attacker.start(system.gatewayUrl);
  const figures: RouteFigures[] = [];
  for (const route of attacker.routes.filter((each) => each.includes(flags.only))) {
    figures.push(await bystanderFigures(system.gatewayUrl, attacker, route, windowMs));
  }
  await attacker.end();
  const isFelt = (figures: RouteFigures): boolean => figures.beside.refused > 0 || ratioOf(figures) > RATIO_MAX;
  printTable(
    ['worst request', 'answers', 'idle p50', 'idle p99', 'beside p50', 'beside p99', 'p99 ÷ idle', 'refused', ''],
    figures.map((each) => {
      const { route, answers, idle, beside } = each;
      const times = [idle, beside].flatMap(({ tookMs }) => [quantile(tookMs, 0.5), quantile(tookMs, 0.99)]);
      return [
        route, Object.entries(answers).map(([status, count]) => `${count} × ${status}`).join(', '),
        ...times.map((ms) => `${(ms ?? Number.NaN).toFixed(1)} ms`), ratioOf(each).toFixed(2), String(beside.refused), isFelt(each) ? 'FELT' : '',
      ];
    }),
  );
  for (const line of system.errors().slice(0, 20)) console.log(line);
  if (flags.json) writeFileSync(flags.json, JSON.stringify(figures));
  process.exitCode = !flags.quick && figures.some(isFelt) ? 1 : 0;
} finally {
  await system.stop();
}

function ratioOf({ idle, beside }: RouteFigures): number {
  return (quantile(beside.tookMs, 0.99) ?? Number.NaN) / (quantile(idle.tookMs, 0.99) ?? Number.NaN);
}
