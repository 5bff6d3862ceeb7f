import type { AnswerCounts } from '../workload/workload.ts';
import { quantile } from '@aisle/std';
import { describeTimes, inMs } from './figures.ts';
import { PROMISES, type Findings } from './findings.ts';

const ERROR_CHARS_MAX = 800;
const REFUSALS_SHOWN_MAX = 8;

/** One run of a nemesis. */
export interface Hit {
  readonly name: string;
  readonly victims: string;
  /** The time from the heal to the first success on every basket, with every process ready. */
  readonly convergedMs: number;
}

/** The measured times. */
export interface Timings {
  /** From kill -9 of a node to the first success on each of its baskets. */
  readonly failoverMs: number[];
  /** From the return of Redis to the first success on each basket. */
  readonly afterRedisMs: number[];
  readonly afterPostgresMs: number[];
  /** Operations on the baskets of other nodes, before a kill and during the takeover. */
  readonly othersBeforeMs: number[];
  readonly othersDuringMs: number[];
}

/** The result of a run. */
export interface ChaosReport {
  readonly seed: number;
  readonly tookMs: number;
  readonly operations: number;
  readonly unknown: number;
  readonly acknowledged: number;
  readonly journalRows: number;
  readonly answers: AnswerCounts;
  readonly hits: readonly Hit[];
  readonly timings: Timings;
  /** Requests without faults, and the retryable refusals among them. */
  readonly calm: { readonly requests: number; readonly refusals: readonly string[] };
  readonly findings: Findings;
  /** The logged lines of level error. */
  readonly errorLines: readonly string[];
  /** The folder of all logs, which is kept if a promise was broken. */
  readonly logFolder: string | undefined;
  readonly replay: string;
}

/** A report for people: a verdict for each promise, the figures, and the number of hits of each nemesis. */
export function textOf(report: ChaosReport): string {
  const { findings, timings, hits } = report;
  return [
    `seed ${report.seed}, ${(report.tookMs / 60_000).toFixed(1)} min: ${hits.length} faults, ` +
      `${report.operations} operations (${report.unknown} of unknown outcome), ` +
      `${report.acknowledged} writes acknowledged, ${report.journalRows} in the journal`,
    `answers: ${listOf(report.answers)}`,
    '',
    ...Object.entries(PROMISES).flatMap(([promise, text]) => [
      `${promise.padEnd(9)} ${verdictOf(report, promise)}  ${text}`,
      ...findings.of(promise).map((line) => line.replaceAll(/^/gm, '            ')),
    ]),
    'P8        not tried here: overload is a run of its own',
    '',
    `first success after kill -9 of its node   ${describeTimes(timings.failoverMs)}`,
    `first success after Redis was back        ${describeTimes(timings.afterRedisMs)}`,
    `first success after PostgreSQL was back   ${describeTimes(timings.afterPostgresMs)}`,
    `operations on other nodes' baskets        before: ${describeTimes(timings.othersBeforeMs)}; ` +
      `during a takeover: ${describeTimes(timings.othersDuringMs)}`,
    `refusals while nothing was wrong          ${report.calm.refusals.length} of ${report.calm.requests}`,
    ...report.calm.refusals.slice(0, REFUSALS_SHOWN_MAX).map((line) => `  ${line}`),
    `error lines logged                        ${report.errorLines.length || 'none'}`,
    ...oneOfEach(report.errorLines).map((line) => `  ${line.slice(0, ERROR_CHARS_MAX)}`),
    '',
    'hit  converged (worst)  nemesis',
    ...hitLines(hits),
    '',
    findings.total === 0 ? 'no promise was broken' : `BROKEN: ${findings.total} findings`,
    ...(report.logFolder === undefined ? [] : [`logs: ${report.logFolder}`]),
    `replay: ${report.replay}`,
  ].join('\n');
}

function verdictOf({ findings, hits }: ChaosReport, promise: string): string {
  if (findings.count(promise) > 0) return `BROKEN (${findings.count(promise)})`;
  const trying = { P9: /SIGTERM|scale/, P12: /poison/, price: /clock over/ }[promise];
  const isTried = trying === undefined || hits.some(({ name }) => trying.test(name));
  return isTried ? 'holds    ' : 'not tried';
}

function hitLines(hits: readonly Hit[]): string[] {
  const names = [...new Set(hits.map(({ name }) => name))].sort();
  return names.map((name) => {
    const times = hits.filter((hit) => hit.name === name).map(({ convergedMs }) => convergedMs);
    return `${String(times.length).padStart(3)}  ${inMs(quantile(times, 1)).padStart(17)}  ${name}`;
  });
}

/** The first line of each message. */
function oneOfEach(lines: readonly string[]): string[] {
  const messageOf = (line: string): string => /"message":"([^"]*)"/.exec(line)?.[1] ?? line;
  return [...new Map([...lines].reverse().map((line) => [messageOf(line), line])).values()].reverse();
}

function listOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(', ');
}
