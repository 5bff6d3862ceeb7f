import type { Comparison, Measured } from './comparison.ts';
import type { ContenderName } from './contenders.ts';
import { printTable } from './table.ts';
import type { WalSettings } from './wal.ts';

export interface Report extends Comparison {
  /** Too short for figures: it only shows that everything still works. */
  readonly quick: boolean;
  readonly cores: number;
  readonly checkpoints: number;
  readonly walSettings: WalSettings;
}

interface Bar {
  readonly bar: string;
  readonly measured: number;
  readonly met: boolean;
}

// More than this and the figures say as much about the neighbours.
const OTHERS_CORES_MAX = 0.2;

/** Prints tables and bars. False when an add was lost, doubled or refused, or a full run missed a bar. */
export function printReport(report: Report): boolean {
  const { quick, cores, checkpoints, walSettings, measured, discrepancies } = report;
  const title = `add-item on ${cores} cores${quick ? ' (quick: no figures)' : ', medians'}`;
  console.log(`\n${title}`);
  printTable(
    [
      '', 'adds/s', 'p50 ms', 'p99 ms', 'x typeorm', 'x redis',
      'WAL B/add', '+ full pages', 'commits/add', 'Redis calls/add', 'refused', 'in doubt', 'retried',
    ],
    measured.map((each) => figures(each, measured)),
  );
  for (const name of new Set(measured.map(({ contender }) => contender.name))) {
    printCpu(measured.filter(({ contender }) => contender.name === name));
  }
  console.log(
    `PostgreSQL: checkpoint_timeout ${walSettings.checkpointTimeout}, max_wal_size ${walSettings.maxWalSize}, ` +
      `${checkpoints} checkpoints in this run, wal_compression ${walSettings.walCompression}, ` +
      `fsync ${walSettings.fsync}, synchronous_commit ${walSettings.synchronousCommit}`,
  );
  const busyCores = Math.max(...measured.map((each) => each.cores.get('others') ?? 0));
  if (!quick && busyCores > OTHERS_CORES_MAX) {
    console.log(`NOT QUIET: other programs took up to ${busyCores.toFixed(2)} cores; repeat before you quote this`);
  }
  const bars = quick ? [] : barsOf(measured);
  if (bars.length > 0) {
    console.log('');
    printTable(
      ['bar', 'measured', ''],
      bars.map(({ bar, measured: value, met }) => [bar, value.toPrecision(3), met ? 'met' : 'MISSED']),
    );
  }
  for (const each of measured) {
    if (each.complaint) console.log(`${each.contender.name}, ${each.workload.name}: ${each.complaint}`);
  }
  for (const discrepancy of discrepancies.slice(0, 20)) console.log(`WRONG: ${discrepancy}`);
  console.log(discrepancies.length === 0 ? 'every basket holds exactly what was acknowledged' : `${discrepancies.length} lines are wrong`);
  const unsuccessful = measured.some(({ refused, doubtful }) => refused + doubtful > 0);
  return discrepancies.length === 0 && !unsuccessful && bars.every(({ met }) => met);
}

function figures(each: Measured, all: readonly Measured[]): string[] {
  const wal = each.walAnAdd;
  return [
    `${each.workload.name}: ${each.contender.name}`,
    Math.round(each.addsPerSecond).toLocaleString('en-GB'),
    each.p50Ms.toFixed(2),
    each.p99Ms.toFixed(2),
    times(each, find(all, 'typeorm', each.workload.name)),
    times(each, find(all, 'redis', each.workload.name)),
    wal ? (wal.bytes - wal.fullPageBytes).toFixed(0) : '',
    wal ? wal.fullPageBytes.toFixed(0) : '',
    wal ? wal.commits.toFixed(3) : '',
    each.redisCommandsAnAdd.toFixed(2),
    String(each.refused),
    String(each.doubtful),
    String(each.retried),
  ];
}

/** One row a process, one column a workload: cores in use, and microseconds of them an add. */
function printCpu(measured: readonly Measured[]): void {
  const [first] = measured;
  if (!first) return;
  const cell = (each: Measured, name: string): string =>
    `${(each.cores.get(name) ?? 0).toFixed(2)} (${(each.cpuUsAnAdd.get(name) ?? 0).toFixed(0)} us)`;
  printTable(
    [`cores (time an add): ${first.contender.name}`, ...measured.map(({ workload }) => workload.name)],
    [
      ...[...first.cores.keys()].map((name) => [name, ...measured.map((each) => cell(each, name))]),
      ['all but others', ...measured.map((each) => `${cpuUsAnAdd(each).toFixed(0)} us`)],
    ],
  );
}

/** What an add costs in all: this stays put when neighbours take cores away, adds a second do not. */
function cpuUsAnAdd({ cpuUsAnAdd }: Measured): number {
  return [...cpuUsAnAdd].reduce((sum, [name, us]) => (name === 'others' ? sum : sum + us), 0);
}

/** The bars of design/bench.md that these figures decide. */
function barsOf(all: readonly Measured[]): Bar[] {
  const bars: Bar[] = [];
  const atLeast = (bar: string, value: number | undefined, least: number): void => {
    if (value !== undefined) bars.push({ bar: `${bar} >= ${least}`, measured: value, met: value >= least });
  };
  const atMost = (bar: string, value: number | undefined, most: number): void => {
    if (value !== undefined) bars.push({ bar: `${bar} <= ${most}`, measured: value, met: value <= most });
  };
  const spread = find(all, 'aisle', 'spread, 64 clients');
  const typeorm = find(all, 'typeorm', 'spread, 64 clients');
  const hot = find(all, 'aisle', 'hot, 64 clients');
  atLeast('spread, 64 clients: x typeorm', ratio(spread, typeorm), 3);
  atLeast('spread, 64 clients: x redis', ratio(spread, find(all, 'redis', 'spread, 64 clients')), 0.35);
  atMost('spread, 64 clients: p99 over that of typeorm', spread && typeorm && spread.p99Ms / typeorm.p99Ms, 1);
  atLeast('spread, 256 clients: adds/s', find(all, 'aisle', 'spread, 256 clients')?.addsPerSecond, 18_000);
  atLeast('hot, 64 clients: x spread', ratio(hot, spread), 0.8);
  atLeast('hot, 64 clients: x typeorm', ratio(hot, find(all, 'typeorm', 'hot, 64 clients')), 10);
  const wal = spread?.walAnAdd;
  atMost('spread, 64 clients: bytes of WAL an add, without full pages', wal && wal.bytes - wal.fullPageBytes, 800);
  return bars;
}

function find(all: readonly Measured[], name: ContenderName, workload: string): Measured | undefined {
  return all.find((each) => each.contender.name === name && each.workload.name === workload);
}

function ratio(each: Measured | undefined, base: Measured | undefined): number | undefined {
  return each && base && each.addsPerSecond / base.addsPerSecond;
}

function times(each: Measured, base: Measured | undefined): string {
  const value = ratio(each, base);
  return value === undefined ? '' : value.toFixed(2);
}
