// Question: how many events per second pass a demand-driven pipeline that acknowledges each, compared with one written
// by hand for the BEAM that acknowledges none? Each runs in a process of its own, in turns; compare within a run. And
// how many jobs pass Redis, compared with BullMQ? Finally: the cost of faults, and the scaling of consumers that wait
// or compute.
import { fileURLToPath } from 'node:url';
import { Faults } from '@aisle/pipeline';
import { bench, quick } from './harness.ts';
import type { BenchCase } from './harness.ts';
import { runPipeline, type Work } from './pipeline/aisle.ts';
import { onWorkers, type OnWorkers } from './pipeline/on-workers.ts';
import { throughBullmq, throughPipeline } from './pipeline/over-redis.ts';
import { SlowService } from './pipeline/slow-service.ts';
import { Peer } from './peer.ts';

interface Row {
  readonly title: string;
  readonly work: Work;
  readonly consumers: number;
  readonly maxDemand: number;
  /** Events of one run: [quick, full]. */
  readonly events: readonly [number, number];
  /** The required ratio over the BEAM. Rows without it are for comparison. */
  readonly overBeam?: number;
}

const MANY: Row['events'] = [20_000, 5_000_000];
const SOME: Row['events'] = [20_000, 2_000_000];
const FEW: Row['events'] = [1_000, 200_000];
const maxDemand = 1_000;
const ROWS: readonly Row[] = [
  { title: 'integers, 1 to 1', work: 'integers', consumers: 1, maxDemand, events: MANY },
  { title: 'integers, 1 to 8', work: 'integers', consumers: 8, maxDemand, events: MANY, overBeam: 1 },
  { title: 'maps, 1 to 8', work: 'maps', consumers: 8, maxDemand, events: SOME, overBeam: 1 },
  { title: 'integers, 1 to 1 to 8', work: 'relay', consumers: 8, maxDemand, events: SOME },
  { title: 'integers, demand 1', work: 'integers', consumers: 1, maxDemand: 1, events: FEW, overBeam: 2 },
];
const ORIGIN_PER_SECOND = 280_000;
const FAULTED_OVER_ORIGIN = 30;
const FAULTED_EVENTS = quick ? 20_000 : 10_000_000;
const WAITING_EVENTS = quick ? 20 : 500;
const WAITING_ROUNDS = quick ? 1 : 9;
const LINEAR_MIN = 0.95;
const REDIS_JOBS = quick ? 4_000 : 12_000;
const OVER_BULLMQ = 5;
const COMPUTING_EVENTS = quick ? 2_000 : 60_000;
const COMPUTING_ROUNDS = quick ? 1 : 9;
const TWO_CORES_MIN = 1.8;

await besideOthers();
await underFaults();
await whileConsumersWait();
await whileConsumersCompute();

async function besideOthers(): Promise<void> {
  const beam = await Peer.start('elixir', [script('../peers/beam/pipeline.exs')]);
  if (!beam) {
    console.log('The BEAM is not installed: run `apt-get install elixir`, then start this again.\n');
  }
  const serve = script('./pipeline/serve.ts');
  const aisle = await Peer.start(process.execPath, [...process.execArgv, serve]);
  const peers = { ...(beam && { beam }), aisle: aisle as Peer };
  try {
    const cases = [...ROWS.flatMap((row) => casesOf(row, peers)), ...overRedis()];
    await bench('events through a pipeline', {}, cases);
  } finally {
    for (const peer of Object.values(peers)) peer.stop();
  }
}

/** Added to Redis, processed and acknowledged. */
function overRedis(): BenchCase<Record<never, never>>[] {
  const group = 'through Redis';
  return [
    { group, name: 'bullmq', open: () => throughBullmq(REDIS_JOBS) },
    { group, name: 'aisle', ratioMin: OVER_BULLMQ, open: () => throughPipeline(REDIS_JOBS) },
  ];
}

function casesOf(row: Row, peers: Record<string, Peer>): BenchCase<Record<never, never>>[] {
  const { title, work, consumers, maxDemand, overBeam } = row;
  const events = row.events[quick ? 0 : 1];
  return Object.entries(peers).map(([name, peer]) => ({
    group: title,
    name,
    ...('beam' in peers && name === 'aisle' && overBeam && { ratioMin: overBeam }),
    open: () => ({
      operate: async () => {
        const answer = await peer.ask(`${work} ${consumers} ${maxDemand} ${events}`);
        if (answer !== 'done') throw new Error(answer);
        return events;
      },
    }),
  }));
}

/** One batch in a hundred crashes its consumer. Every id is checked afterwards, outside the pipeline. */
async function underFaults(): Promise<void> {
  const seen = new Uint8Array(FAULTED_EVENTS);
  const handle = (events: readonly unknown[]): void => {
    for (const event of events) seen[event as number] = 1;
  };
  const faults = new Faults([{ at: 'consumer', kind: 'crash', probability: 0.01, seed: 1 }]);
  const shape = { work: 'integers', consumers: 8, maxDemand, events: FAULTED_EVENTS } as const;
  const startMs = performance.now();
  await runPipeline({ ...shape, handle, faults });
  const perSecond = (FAULTED_EVENTS * 1_000) / (performance.now() - startMs);
  const missing = seen.reduce((count, mark) => count + (mark === 0 ? 1 : 0), 0);
  const figure = `${readable(perSecond)} events/s, ${faults.injected} crashes, ${missing} missing`;
  const bar = FAULTED_OVER_ORIGIN * ORIGIN_PER_SECOND;
  const isMet = perSecond >= bar && missing === 0;
  judge(`1 % crashes, 1 to 8, at least ${readable(bar)}`, figure, isMet);
}

async function whileConsumersWait(): Promise<void> {
  const counts = [1, 8, 64] as const;
  const service = new SlowService();
  const rounds: number[][] = [];
  // The first round is for the compiler, like the warm-up of the cases above.
  for (let round = 0; round <= WAITING_ROUNDS; round += 1) {
    const perSecond: number[] = [];
    for (const consumers of counts) perSecond.push(await perSecondWaiting(consumers, service));
    if (round > 0) rounds.push(perSecond);
  }
  await service.close();
  const linear = ([one = Number.NaN, , many = Number.NaN]: number[]): number => many / (64 * one);
  rounds.sort((left, right) => linear(left) - linear(right));
  const median = rounds[rounds.length >> 1] ?? [];
  const all = rounds.map((round) => linear(round).toFixed(2)).join(', ');
  judge(
    `consumers that wait 1 ms: ${counts.join(', ')}, at least ${LINEAR_MIN} of linear`,
    `${median.map(readable).join(' / ')} events/s, ${linear(median).toFixed(2)} (of ${all})`,
    linear(median) >= LINEAR_MIN,
  );
}

/** Each event is a separate request, and a consumer waits for its answer before it takes the next event. */
async function perSecondWaiting(consumers: number, service: SlowService): Promise<number> {
  const events = WAITING_EVENTS * consumers;
  const startMs = performance.now();
  await runPipeline({ work: 'integers', consumers, maxDemand: 2, events, handle: service.request });
  return (events * 1_000) / (performance.now() - startMs);
}

async function whileConsumersCompute(): Promise<void> {
  const rounds: { one: OnWorkers; two: OnWorkers }[] = [];
  for (let round = 0; round < COMPUTING_ROUNDS; round += 1) {
    const one = await onWorkers(1, COMPUTING_EVENTS);
    rounds.push({ one, two: await onWorkers(2, COMPUTING_EVENTS) });
  }
  const timesOf = ({ one, two }: (typeof rounds)[number]): number => two.perSecond / one.perSecond;
  const bare = median(rounds.map(({ one, two }) => two.bare / one.bare));
  rounds.sort((left, right) => timesOf(left) - timesOf(right));
  const times = median(rounds.map(timesOf));
  const all = rounds.map((round) => timesOf(round).toFixed(2)).join(', ');
  judge(
    `consumers that compute, on 1 and 2 threads, at least ${TWO_CORES_MIN}x`,
    `${times.toFixed(2)}x (of ${all}); the bare threads ${bare.toFixed(2)}x`,
    times >= TWO_CORES_MIN,
  );
}

function median(figures: readonly number[]): number {
  return [...figures].sort((left, right) => left - right)[figures.length >> 1] ?? Number.NaN;
}

function readable(figure: number): string {
  return Math.round(figure).toLocaleString('en-GB');
}

function script(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

function judge(bar: string, measured: string, met: boolean): void {
  console.log(`\n${bar}: ${measured}, ${met ? 'met' : 'MISSED'}`);
  if (!met && !quick) process.exitCode = 1;
}
