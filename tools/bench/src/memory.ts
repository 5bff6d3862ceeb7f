// Question: does the size of a basket-server stay constant, however many baskets there are? 100,000 are known, 10,000
// live. Random ones are read and new ones made, so that with each request one comes and another goes. And how much
// memory does an idle live basket take, and how much WAL does an add write, by the size of its basket?
//
// `--minutes=10` of churn. `--quick` takes half a minute in all, and only shows that the benchmark still runs.
// `--json=file` writes the figures. Give it a PostgreSQL of its own (AISLE_DATA_DIR), or WAL of others counts.
import { writeFileSync } from 'node:fs';
import { readFlags } from '@aisle/dev';
import type { Client } from 'pg';
import { MEMORY_PROBE, withAisleSystem } from './load/aisle-system.ts';
import { printTable } from './load/table.ts';
import { WalMeter } from './load/wal.ts';
import { skus } from './memory/basket-load.ts';
import {
  LINES, MemoryBench, PRODUCTS_A_BASKET, memoryRow, mib, type MemoryFigures, type MemorySizes,
} from './memory/memory-bench.ts';
import { trendOf } from './memory/memory-samples.ts';

const flags = readFlags({
  quick: { type: 'boolean', default: false },
  minutes: { type: 'string', default: '10' },
  json: { type: 'string' },
});
const SIZES: MemorySizes = flags.quick
  ? { known: 1_000, live: 100, warmUpMs: 0, churnMs: 4_000, sampleMs: 500, walBaskets: 4, walAdds: 80 }
  : {
      known: 100_000, live: 10_000, warmUpMs: 60_000, churnMs: Number(flags.minutes) * 60_000, sampleMs: 15_000,
      walBaskets: 16, walAdds: 4_000,
    };

const BARS = { bytesABasketMax: 10_240, walAnAddMax: 800, heapGrowthMax: 1.05, rssGrowthMax: 1.1 };

process.exitCode = await run();

function run(): Promise<number> {
  const options = {
    basketServers: 1,
    environment: {
      BASKETS_LIVE_MAX: String(SIZES.live),
      BASKET_IDLE_MS: String(24 * 60 * 60_000),
      // No other node can take over, and a busy machine must not cause a stop.
      LEASE_MS: '30000',
    },
    nodeFlags: MEMORY_PROBE,
    prepare: sellBenchProducts,
  };
  return withAisleSystem(options, async (system, admin) => {
    const bench = new MemoryBench(system, await WalMeter.on(admin), SIZES);
    const perBasket = await bench.bytesPerLiveBasket();
    await bench.makeKnown();
    const wal = await bench.walPerAdd();
    const samples = await bench.churn();
    const { acknowledged, retried } = bench.load;
    return report({ perBasket, wal, samples, acknowledged, retried });
  });
}

/** Before the basket-server reads its catalogue: the seed has too few products for 500 lines. */
async function sellBenchProducts(database: Client): Promise<void> {
  const names = skus(Math.max(...LINES));
  await database.query(
    `INSERT INTO basket.product (tenant, market, sku, name, category, price_minor)
     SELECT 'default', 'm1', sku, 'Bench product ' || sku, 'bench', 100 FROM unnest($1::text[]) AS sku`,
    [names],
  );
}

function report(figures: MemoryFigures): number {
  const { perBasket, wal, samples, acknowledged, retried } = figures;
  const bars: [what: string, figure: string, met: boolean][] = [];
  const trends = (['heapUsed', 'rss'] as const).map((figure) => ({ figure, trend: trendOf(samples, figure) }));
  for (const { figure, trend } of trends) {
    const most = figure === 'rss' ? BARS.rssGrowthMax : BARS.heapGrowthMax;
    const perMinute = `${(trend.perMinute / 1_024).toFixed(0)} KiB a minute`;
    const quarters = `${mib(trend.firstQuarter)} to ${mib(trend.lastQuarter)} MiB, ${perMinute}`;
    bars.push([`${figure}, last quarter over first <= ${most}`, `${trend.ratio.toFixed(3)} (${quarters})`, trend.ratio <= most]);
  }
  const { few, many, bytes } = perBasket;
  const counted = `${few.liveBaskets} and ${many.liveBaskets} live`;
  bars.push([`bytes a live idle basket with ${PRODUCTS_A_BASKET} products <= ${BARS.bytesABasketMax}`, `${bytes.toFixed(0)} (${counted})`, bytes <= BARS.bytesABasketMax]);
  for (const { lines, bytes: all, fullPageBytes } of wal) {
    const own = all - fullPageBytes;
    bars.push([`WAL bytes an add to ${lines} lines <= ${BARS.walAnAddMax}`, `${own.toFixed(0)} (and ${fullPageBytes.toFixed(0)} of full pages)`, own <= BARS.walAnAddMax]);
  }

  console.log(`\n${SIZES.known} baskets known, ${SIZES.live} live at most${flags.quick ? ' (quick: no figures)' : ''}\n`);
  printTable(['after s', 'rss MiB', 'heap MiB', 'external MiB', 'live'], samples.map(memoryRow));
  printTable(['bar', 'found', ''], bars.map(([what, figure, met]) => [what, figure, met ? 'met' : 'MISSED']));
  console.log(`${acknowledged} requests, ${retried} of them sent again`);
  if (flags.json) writeFileSync(flags.json, JSON.stringify({ ...figures, bars }, null, 2));
  return flags.quick || bars.every(([, , met]) => met) ? 0 : 1;
}
