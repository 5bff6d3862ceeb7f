import { barsOf, cpuRatio, find, p99Ratio, ratio, systemUsAnAdd, type Bar } from './bars.ts';
import type { Comparison, Measured } from './comparison.ts';
import { PEERS } from './contenders.ts';
import { printTable } from './table.ts';
import type { WalSettings } from './wal.ts';

export interface Report extends Comparison {
  /** True for a run that is too short for figures and only shows that everything works. */
  readonly quick: boolean;
  readonly cores: number;
  readonly checkpoints: number;
  readonly walSettings: WalSettings;
}

const COLUMNS = [
  '', 'adds/s', 'p50 ms', 'p99 ms', 'CPU us/add', 'WAL B/add', '+ full pages', 'commits/add',
  'Redis calls/add', 'refused', 'in doubt', 'retried',
];
// Above this the figures say as much about other load.
const OTHERS_CORES_MAX = 0.2;
const DISCREPANCIES_SHOWN = 20;

/** Prints tables and bars. False if an add was lost, doubled or refused, or a full run missed a bar. */
export function printReport(report: Report): boolean {
  const { quick, cores, measured, discrepancies } = report;
  console.log(`\nadd-item on ${cores} cores${quick ? ' (quick: no figures)' : ', medians'}`);
  printTable(COLUMNS, measured.map(figures));
  printRatios(measured);
  for (const name of new Set(measured.map(({ contender }) => contender.name))) {
    printCpu(measured.filter(({ contender }) => contender.name === name));
  }
  printCircumstances(report);
  const bars = quick ? [] : barsOf(measured);
  if (bars.length > 0) printBars(bars);
  for (const { contender, workload, complaint } of measured) {
    if (complaint) console.log(`${contender.name}, ${workload.name}: ${complaint}`);
  }
  printDiscrepancies(discrepancies);
  const unsuccessful = measured.some(({ refused, doubtful }) => refused + doubtful > 0);
  return discrepancies.length === 0 && !unsuccessful && bars.every(({ met }) => met);
}

function figures(each: Measured): string[] {
  const { contender, workload, addsPerSecond, p50Ms, p99Ms, walAnAdd: wal } = each;
  return [
    `${workload.name}: ${contender.name}`,
    Math.round(addsPerSecond).toLocaleString('en-GB'),
    p50Ms.toFixed(2),
    p99Ms.toFixed(2),
    systemUsAnAdd(each).toFixed(0),
    wal ? (wal.bytes - wal.fullPageBytes).toFixed(0) : '',
    wal ? wal.fullPageBytes.toFixed(0) : '',
    wal ? wal.commits.toFixed(3) : '',
    each.redisCommandsAnAdd.toFixed(2),
    String(each.refused),
    String(each.doubtful),
    String(each.retried),
  ];
}

/** One row per workload of Aisle, one column per peer. */
function printRatios(measured: readonly Measured[]): void {
  const peers = PEERS.filter((name) => measured.some(({ contender }) => contender.name === name));
  const ours = measured.filter(({ contender: { name } }) => name === 'aisle' || name === 'against');
  if (peers.length === 0 || ours.length === 0) return;
  const cell = (each: Measured, base: Measured | undefined): string =>
    [ratio(each, base), p99Ratio(each, base), cpuRatio(each, base)].map((value) => value?.toFixed(2) ?? '').join(' / ');
  printTable(
    ['ratios of adds/s / p99 / CPU an add', ...peers.map((name) => `over ${name}`)],
    ours.map((each) => {
      const { contender, workload } = each;
      return [`${workload.name}: ${contender.name}`, ...peers.map((name) => cell(each, find(measured, name, workload.name)))];
    }),
  );
}

/** One row per process, one column per workload: cores in use, and microseconds of them per add. */
function printCpu(measured: readonly Measured[]): void {
  const [first] = measured;
  if (!first) return;
  const cell = ({ cores, cpuUsAnAdd }: Measured, name: string): string =>
    `${(cores.get(name) ?? 0).toFixed(2)} (${(cpuUsAnAdd.get(name) ?? 0).toFixed(0)} us)`;
  printTable(
    [`cores (time an add): ${first.contender.name}`, ...measured.map(({ workload }) => workload.name)],
    [
      ...[...first.cores.keys()].map((name) => [name, ...measured.map((each) => cell(each, name))]),
      // Other load on the machine changes adds per second a lot, and this less.
      ['all but load and others', ...measured.map((each) => `${systemUsAnAdd(each).toFixed(0)} us`)],
    ],
  );
}

function printCircumstances({ quick, measured, checkpoints, walSettings }: Report): void {
  console.log(
    `PostgreSQL: checkpoint_timeout ${walSettings.checkpointTimeout}, max_wal_size ${walSettings.maxWalSize}, ` +
      `${checkpoints} checkpoints in this run, wal_compression ${walSettings.walCompression}, ` +
      `fsync ${walSettings.fsync}, synchronous_commit ${walSettings.synchronousCommit}\n`,
  );
  const taken = Math.max(...measured.map(({ cores }) => cores.get('others') ?? 0));
  if (quick || taken <= OTHERS_CORES_MAX) return;
  console.log(`NOT QUIET: other programs took up to ${taken.toFixed(2)} cores; repeat the run before you quote these figures\n`);
}

function printBars(bars: readonly Bar[]): void {
  printTable(
    ['bar', 'measured', ''],
    bars.map(({ bar, measured, met }) => [bar, String(Number(measured.toPrecision(3))), met ? 'met' : 'MISSED']),
  );
}

function printDiscrepancies(discrepancies: readonly string[]): void {
  for (const each of discrepancies.slice(0, DISCREPANCIES_SHOWN)) console.log(`WRONG: ${each}`);
  const lines = discrepancies.length;
  console.log(lines === 0 ? 'every basket holds exactly the acknowledged lines' : `${lines} basket lines differ from the acknowledged ones`);
}
