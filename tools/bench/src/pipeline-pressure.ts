// Question: how does a pipeline behave whose producers could make 10 times as many events as its consumers can handle?
// Its memory should stay constant, its producers should follow the consumers, and accepted events should take at most
// twice as long as in an idle pipeline.
//
// Consumers wait 5 ms per event, one event at a time each, so that a busy machine matters little. First a tenth of
// their capacity for half a minute, then ten times their capacity for `--minutes=5`. `--quick` takes seconds. Exits
// with 1 if a bar is missed.
import { writeFileSync } from 'node:fs';
import { readFlags } from '@aisle/dev';
import { Pipeline, rate, RateLimit, type PipelineStats } from '@aisle/pipeline';
import { sleep, systemRuntime } from '@aisle/std';
import { System } from '@aisle/supervision';
import { printTable } from './load/table.ts';

const flags = readFlags({
  quick: { type: 'boolean', default: false },
  minutes: { type: 'string', default: '5' },
  json: { type: 'string' },
});
const CONSUMERS = 8;
// Each producer may have an event with each consumer: with more of them, an accepted event waits for that many others.
const PRODUCERS = 1;
const WORK_MS = 5;
const MAY_DO_PER_SECOND = (CONSUMERS * 1_000) / WORK_MS;
const OVER = 10;
const UNLOADED_MS = flags.quick ? 3_000 : 30_000;
const LOADED_MS = flags.quick ? 6_000 : Number(flags.minutes) * 60_000;
const SAMPLES = flags.quick ? 6 : 20;
const BARS = { latencyMax: 2, memoryMax: 1.1 };

/** One sample of the run. */
interface Sample {
  readonly atSeconds: number;
  readonly producedPerSecond: number;
  readonly acknowledgedPerSecond: number;
  readonly waiting: number;
  readonly fill: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly heapMib: number;
  readonly rssMib: number;
}

const pipeline = new Pipeline<number>(systemRuntime, {
  source: rate(new RateLimit(Infinity), (index) => index),
  producers: PRODUCERS,
  processors: CONSUMERS,
  maxDemand: 1,
  rate: MAY_DO_PER_SECOND / PRODUCERS / 10,
  process: () => sleep(systemRuntime, WORK_MS),
});
const root = await new System(systemRuntime, { hooks: {} }).start(pipeline.childSpec());
const unloaded = await watch(UNLOADED_MS);
await pipeline.configure({ rate: (OVER * MAY_DO_PER_SECOND) / PRODUCERS });
const loaded = await watch(LOADED_MS);
await root.stop();
report();

async function watch(forMs: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const startMs = performance.now();
  for (let taken = 0; taken < SAMPLES; taken += 1) {
    const before = pipeline.stats();
    const beforeMs = performance.now();
    await sleep(systemRuntime, forMs / SAMPLES);
    samples.push(sample(before, pipeline.stats(), performance.now() - beforeMs, performance.now() - startMs));
  }
  return samples;
}

function sample(before: PipelineStats, now: PipelineStats, passedMs: number, atMs: number): Sample {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return {
    atSeconds: atMs / 1_000,
    producedPerSecond: ((now.produced - before.produced) * 1_000) / passedMs,
    acknowledgedPerSecond: ((now.acknowledged - before.acknowledged) * 1_000) / passedMs,
    waiting: now.queued + now.parked + now.inFlight,
    fill: now.fill,
    p50Ms: now.latencyMs.p50,
    p99Ms: now.latencyMs.p99,
    heapMib: heapUsed / 2 ** 20,
    rssMib: rss / 2 ** 20,
  };
}

function report(): void {
  console.log(`${CONSUMERS} consumers of ${WORK_MS} ms an event: at most ${MAY_DO_PER_SECOND} events/s`);
  const rows = [...unloaded.slice(-1), ...loaded].map((each, at) => [
    at === 0 ? 'unloaded' : `loaded, ${each.atSeconds.toFixed(0)} s`,
    ...[each.producedPerSecond, each.acknowledgedPerSecond, each.waiting].map((figure) => figure.toFixed(0)),
    ...[each.fill, each.p50Ms, each.p99Ms, each.heapMib, each.rssMib].map((figure) => figure.toFixed(1)),
  ]);
  printTable(['', 'made/s', 'done/s', 'under way', 'fill', 'p50 ms', 'p99 ms', 'heap MiB', 'rss MiB'], rows);
  const settled = loaded.slice(Math.ceil(SAMPLES / 4));
  const quarter = Math.ceil(settled.length / 4);
  const latency = mean(settled, 'p50Ms') / mean(unloaded.slice(-3), 'p50Ms');
  const tail = mean(settled, 'p99Ms') / mean(unloaded.slice(-3), 'p99Ms');
  const heap = mean(settled.slice(-quarter), 'heapMib') / mean(settled.slice(0, quarter), 'heapMib');
  const follows = mean(settled, 'producedPerSecond') / mean(settled, 'acknowledgedPerSecond');
  const most = Math.max(...loaded.map(({ waiting }) => waiting));
  const bars: [string, string, boolean][] = [
    ['p50 loaded over unloaded, at most 2', latency.toFixed(2), latency <= BARS.latencyMax],
    ['p99 loaded over unloaded, at most 2', tail.toFixed(2), tail <= BARS.latencyMax],
    ['heap, last quarter over first, at most 1.1', heap.toFixed(3), heap <= BARS.memoryMax],
    ['made over done, 1 within 1 %', follows.toFixed(4), Math.abs(follows - 1) <= 0.01],
    [`most under way, at most ${PRODUCERS * CONSUMERS}`, `${most}`, most <= PRODUCERS * CONSUMERS],
  ];
  for (const [bar, figure, isMet] of bars) console.log(`${bar}: ${figure} ${isMet ? 'met' : 'MISSED'}`);
  if (flags.json) writeFileSync(flags.json, JSON.stringify({ latency, heap, follows, most }));
  if (!flags.quick && bars.some(([, , isMet]) => !isMet)) process.exitCode = 1;
}

function mean(samples: readonly Sample[], figure: keyof Sample): number {
  return samples.reduce((sum, each) => sum + each[figure], 0) / samples.length;
}
