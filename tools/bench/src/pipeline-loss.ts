// Question: does a pipeline lose an event under any faults? There are 10 million events and 8 consumers. 1 % of batches
// crash their consumer, others are delayed, repeated or stalled, producers crash, and every 100,000th event cannot be
// processed at all. A sink in another process, which knows ids and nothing else, counts them.
//
// `--events=10000000`; `--quick` takes 200,000. Exits with 1 if an event is missing or in two places.
import { writeFileSync } from 'node:fs';
import { readFlags } from '@aisle/dev';
import { ended, Faults, Pipeline, type OpenSource } from '@aisle/pipeline';
import { systemRuntime } from '@aisle/std';
import { System } from '@aisle/supervision';
import { CountingSink, type Counted } from './pipeline/counting-sink.ts';

const flags = readFlags({ quick: { type: 'boolean', default: false }, events: { type: 'string' }, json: { type: 'string' } });
const EVENTS = Number(flags.events ?? (flags.quick ? 200_000 : 10_000_000));
const POISON_EVERY = 100_000;
const ATTEMPTS_MAX = 8;

const faults = new Faults([
  { at: 'consumer', kind: 'crash', probability: 0.01, seed: 1 },
  { at: 'consumer', kind: 'delay', probability: 0.005, ms: 2, seed: 2 },
  { at: 'consumer', kind: 'duplicate', probability: 0.01, seed: 3 },
  { at: 'consumer', kind: 'stall', probability: flags.quick ? 0.001 : 0.000_05, ms: 1_000, seed: 4 },
  { at: 'producer', kind: 'crash', probability: 0.01, seed: 5 },
]);

const sink = await CountingSink.start();
/** The source's own counts of given and acknowledged events. */
const source = { produced: 0, acknowledged: 0 };
const startMs = performance.now();
const stats = await run();
const seconds = (performance.now() - startMs) / 1_000;
const counted = await sink.count(source.produced);
report(counted);

async function run(): Promise<ReturnType<Pipeline<number>['stats']>> {
  const pipeline = new Pipeline<number>(systemRuntime, {
    source: integers(), processors: 8, maxDemand: 1_000, faults,
    process: (ids) => {
      if (ids.some(isPoison)) throw new Error('this event cannot be processed');
      return sink.store(ids);
    },
    retry: { backoffMs: 0, attemptsMax: ATTEMPTS_MAX, deadLetter: (id) => sink.bury(id) },
  });
  const system = new System(systemRuntime, { hooks: {} });
  const root = await system.start(pipeline.childSpec());
  await pipeline.finished();
  const last = pipeline.stats();
  await root.stop();
  return last;
}

function isPoison(id: number): boolean {
  return id % POISON_EVERY === POISON_EVERY - 1;
}

function integers(): OpenSource<number> {
  return () => ({
    fetch: (demand) => {
      const size = Math.min(demand, EVENTS - source.produced);
      if (size === 0) return ended;
      const batch = new Array<number>(size);
      for (let at = 0; at < size; at += 1) batch[at] = source.produced++;
      return batch;
    },
    ack: (batch) => void (source.acknowledged += batch.length),
  });
}

function report({ stored, duplicates, dead, both, missing }: Counted): void {
  const isWhole = stored + dead === source.produced && both === 0 && missing === 0;
  const isConfirmed = source.acknowledged === source.produced && stats.acknowledged === stored && stats.deadLettered === dead;
  const figure = (count: number): string => count.toLocaleString('en-GB').padStart(12);
  const lines = [
    `produced by the source         ${figure(source.produced)}`,
    `acknowledged to the source     ${figure(source.acknowledged)}`,
    `stored by the sink, distinct   ${figure(stored)}`,
    `dead letters, distinct         ${figure(dead)}`,
    `in both                        ${figure(both)}`,
    `missing                        ${figure(missing)}`,
    `duplicates recognised by sink  ${figure(duplicates)}`,
    `faults injected                ${figure(faults.injected)}`,
    `stages that crashed            ${figure(stats.failures)}`,
    `started again                  ${figure(stats.restarts)}`,
    `seconds                        ${figure(Math.round(seconds))}`,
  ];
  console.log(lines.join('\n'));
  console.log(`\nproduced = stored + dead letters, each id in exactly one of them: ${isWhole ? 'met' : 'MISSED'}`);
  console.log(`the pipeline's own counts agree: ${isConfirmed ? 'met' : 'MISSED'}`);
  if (flags.json) writeFileSync(flags.json, JSON.stringify({ counted, produced: source.produced, isWhole, isConfirmed }));
  if (!isWhole || !isConfirmed) process.exitCode = 1;
}
