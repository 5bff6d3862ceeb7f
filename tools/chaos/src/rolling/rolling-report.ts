import { describeTimes, inMs } from '../verdict/figures.ts';
import type { RollingReport } from './rolling-run.ts';

const SHOWN_MAX = 12;

/** The violations. Without `waitMaxMs`, waits are not judged: a busy machine makes any of them long. */
export function rollingFindings(report: RollingReport, { waitMaxMs = Infinity } = {}): string[] {
  const { restarts, forbidden, lost, errors } = report;
  return [
    ...forbidden,
    ...lost,
    ...restarts.filter(({ code }) => code !== 0).map(({ instance, code }) => `${instance} ended with ${code}`),
    ...restarts.flatMap(({ instance, waits }) => {
      const longest = Math.max(0, ...waits);
      return longest > waitMaxMs ? [`a client waited for ${inMs(longest)} while ${instance} was restarted`] : [];
    }),
    ...errors.map((line) => `logged: ${line.slice(0, 300)}`),
  ];
}

/** A run as lines for people. */
export function rollingText({ restarts, acknowledged, retried }: RollingReport, found: readonly string[]): string {
  const waits = restarts.flatMap((restart) => restart.waits);
  return [
    `${restarts.length} restarts, ${acknowledged} requests acknowledged`,
    `waits while a process was restarted: ${describeTimes(waits)}, longest ${inMs(waits.length ? waits.reduce((one, other) => Math.max(one, other)) : undefined)}`,
    ...[...retried].sort(([, one], [, other]) => other - one).map(([what, count]) => `${String(count).padStart(6)} times sent again after ${what}`),
    found.length === 0 ? 'nothing acknowledged was lost, and every answer was permitted' : `${found.length} findings:`,
    ...found.slice(0, SHOWN_MAX).map((text) => `  ${text}`),
  ].join('\n');
}
