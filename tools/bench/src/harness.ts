// Runs benchmark cases side by side, in alternating rounds, and prints each in relation to the first case of its group:
// absolute figures differ between machines, ratios less. `--quick` takes the first of every pair of sizes and one short
// round (so that no benchmark rots), `--json=file` also writes the results, `--only=text` runs the cases whose name
// contains it.
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { quantile } from '@aisle/std';

/** The measured work of a case. */
export interface BenchRun {
  /** Does one operation, or several and returns how many. Its duration is one latency sample. */
  operate(): Promise<number | void> | number | void;
  close?(): Promise<void> | void;
}

export interface BenchCase<S> {
  readonly name: string;
  /** The ratios of a group are over its first case. */
  readonly group: string;
  /** Concurrent calls of `operate`: 1 by default. */
  readonly concurrency?: number;
  /**
   * A bar: the minimum of throughput over the first case's. A missed bar is marked, and a full run then exits with 1.
   */
  readonly ratioMin?: number;
  /** A bar: the maximum of the median latency over the first case's. */
  readonly p50RatioMax?: number;
  open(sizes: Record<keyof S, number>): Promise<BenchRun> | BenchRun;
}

export interface BenchResult {
  readonly group: string;
  readonly name: string;
  readonly perSecond: number;
  readonly ratio: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The bars of the case, and whether they are met. */
  readonly bar: string;
  readonly met: boolean;
}

interface Sample {
  readonly perSecond: number;
  readonly latenciesMs: readonly number[];
}

const { values: flags } = parseArgs({
  strict: false,
  options: { quick: { type: 'boolean' }, json: { type: 'string' }, only: { type: 'string' } },
});

/** True under `--quick`, whose numbers only show that the benchmark still runs. */
export const quick = flags.quick === true;

const WARM_UP_MS = quick ? 50 : 500;
const ROUND_MS = quick ? 100 : 2_000;
const ROUNDS = quick ? 1 : 3;
const SAMPLES_MAX = 1_000_000;

/** `sizes` holds [quick, full] pairs, such as `{ baskets: [10, 10_000] }`. */
export async function bench<S extends Record<string, readonly [number, number]>>(
  question: string,
  sizes: S,
  cases: readonly BenchCase<S>[],
): Promise<BenchResult[]> {
  const chosen = Object.fromEntries(
    Object.entries(sizes).map(([name, pair]) => [name, pair[quick ? 0 : 1]]),
  ) as Record<keyof S, number>;
  const wanted = cases.filter(({ name }) => !flags.only || name.includes(String(flags.only)));

  const samples = new Map<BenchCase<S>, Sample[]>(wanted.map((each) => [each, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [each, taken] of samples) taken.push(await measure(each, chosen));
  }

  const results = summarize(samples);
  print(question, results);
  if (flags.json) writeFileSync(String(flags.json), JSON.stringify({ question, results }, null, 2));
  if (!quick && results.some(({ met }) => !met)) process.exitCode = 1;
  return results;
}

async function measure<S>(each: BenchCase<S>, sizes: Record<keyof S, number>): Promise<Sample> {
  const run = await each.open(sizes);
  try {
    await drive(run, each.concurrency ?? 1, WARM_UP_MS);
    return await drive(run, each.concurrency ?? 1, ROUND_MS);
  } finally {
    await run.close?.();
  }
}

async function drive(run: BenchRun, concurrency: number, forMs: number): Promise<Sample> {
  const latenciesMs: number[] = [];
  const startMs = performance.now();
  let operations = 0;
  const lane = async (): Promise<void> => {
    for (let beforeMs = performance.now(); beforeMs - startMs < forMs; ) {
      const done = run.operate();
      const count = typeof done === 'object' ? await done : done;
      operations += count ?? 1;
      const afterMs = performance.now();
      if (latenciesMs.length < SAMPLES_MAX) latenciesMs.push(afterMs - beforeMs);
      beforeMs = afterMs;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { perSecond: (operations * 1_000) / (performance.now() - startMs), latenciesMs };
}

function summarize<S>(samples: ReadonlyMap<BenchCase<S>, readonly Sample[]>): BenchResult[] {
  const baseline = new Map<string, { perSecond: number; p50Ms: number }>();
  return [...samples].map(([{ group, name, ratioMin = 0, p50RatioMax = Infinity }, taken]) => {
    const latenciesMs = taken.flatMap((sample) => sample.latenciesMs);
    const perSecond = quantileOf(taken.map((sample) => sample.perSecond), 0.5);
    const p50Ms = quantileOf(latenciesMs, 0.5);
    const first = baseline.get(group) ?? { perSecond, p50Ms };
    baseline.set(group, first);
    const ratio = perSecond / first.perSecond;
    const met = ratio >= ratioMin && p50Ms <= p50RatioMax * first.p50Ms;
    const bars = [
      ratioMin > 0 ? `>= ${ratioMin}x` : '',
      p50RatioMax < Infinity ? `p50 <= ${p50RatioMax}x` : '',
    ];
    const bar = bars.filter(Boolean).join(', ');
    return { group, name, perSecond, ratio, p50Ms, p99Ms: quantileOf(latenciesMs, 0.99), bar, met };
  });
}

function quantileOf(values: readonly number[], share: number): number {
  return quantile(values, share) ?? Number.NaN;
}

function print(question: string, results: readonly BenchResult[]): void {
  const rows = [
    ['group', 'case', 'per second', 'ratio', 'p50 ms', 'p99 ms', 'bar'],
    ...results.map((result) => [
      result.group,
      result.name,
      Math.round(result.perSecond).toLocaleString('en-GB'),
      `${result.ratio.toFixed(2)}x`,
      result.p50Ms.toPrecision(3),
      result.p99Ms.toPrecision(3),
      result.bar && `${result.bar}: ${result.met ? 'met' : 'MISSED'}`,
    ]),
  ];
  const widths = [0, 1, 2, 3, 4, 5, 6].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  console.log(`\n${question}${quick ? ' (quick: no figures)' : ''}\n${rows.map(line).join('\n')}`);
}
