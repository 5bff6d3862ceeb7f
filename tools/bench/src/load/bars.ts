import type { Measured } from './comparison.ts';
import type { ContenderName, PeerName } from './contenders.ts';

/** A figure that a full run must reach, and whether it did. */
export interface Bar {
  readonly bar: string;
  readonly measured: number;
  readonly met: boolean;
}

const ONE = 'spread, 1 client';
const SOME = 'spread, 64 clients';
const MANY = 'spread, 256 clients';
const HOT = 'hot, 64 clients';

/** The lowest permitted ratios of Aisle's adds per second to a peer's. */
const RATIOS_MIN: readonly (readonly [peer: PeerName, workload: string, min: number])[] = [
  ['typeorm', ONE, 1], ['typeorm', SOME, 5], ['typeorm', MANY, 9], ['typeorm', HOT, 12],
  ['redis', MANY, 0.45],
  ['restate', ONE, 2], ['restate', SOME, 6], ['restate', MANY, 6], ['restate', HOT, 20],
];

/** The design's bars for these figures. Bars without a figure are left out. */
export function barsOf(all: readonly Measured[]): Bar[] {
  const figure = (name: ContenderName, workload: string): Measured | undefined => find(all, name, workload);
  const ratios = RATIOS_MIN.map(([peer, workload, min]) =>
    atLeast(`${workload}: x ${peer}`, ratio(figure('aisle', workload), figure(peer, workload)), min));
  const p99s = [ONE, SOME, MANY, HOT].map((workload) =>
    atMost(`${workload}: p99 over that of typeorm`, p99Ratio(figure('aisle', workload), figure('typeorm', workload)), 0.5));
  const wal = figure('aisle', SOME)?.walAnAdd;
  return [
    atMost(`${MANY}: CPU an add over that of prototype`, cpuRatio(figure('aisle', MANY), figure('prototype', MANY)), 1.5),
    ...ratios,
    ...p99s,
    atLeast(`${HOT}: x spread`, ratio(figure('aisle', HOT), figure('aisle', SOME)), 0.8),
    atMost(`${SOME}: WAL bytes an add, full pages apart`, wal && wal.bytes - wal.fullPageBytes, 600),
  ].filter((bar) => bar !== undefined);
}

/** The figures of one contender under one workload. */
export function find(all: readonly Measured[], name: ContenderName, workload: string): Measured | undefined {
  return all.find((each) => each.contender.name === name && each.workload.name === workload);
}

/** The ratio of adds per second. */
export function ratio(each: Measured | undefined, base: Measured | undefined): number | undefined {
  return each && base && each.addsPerSecond / base.addsPerSecond;
}

/** The ratio of the 99th percentiles of latency. */
export function p99Ratio(each: Measured | undefined, base: Measured | undefined): number | undefined {
  return each && base && each.p99Ms / base.p99Ms;
}

/** The ratio of processor time per add. */
export function cpuRatio(each: Measured | undefined, base: Measured | undefined): number | undefined {
  return each && base && systemUsAnAdd(each) / systemUsAnAdd(base);
}

/** Processor time per add of the system and its servers, without the load generator and other programs. */
export function systemUsAnAdd({ cpuUsAnAdd }: Measured): number {
  return [...cpuUsAnAdd].reduce((sum, [name, us]) => (name === 'load' || name === 'others' ? sum : sum + us), 0);
}

function atLeast(bar: string, measured: number | undefined, least: number): Bar | undefined {
  if (measured === undefined) return undefined;
  return { bar: `${bar} >= ${least}`, measured, met: measured >= least };
}

function atMost(bar: string, measured: number | undefined, most: number): Bar | undefined {
  if (measured === undefined) return undefined;
  return { bar: `${bar} <= ${most}`, measured, met: measured <= most };
}
