import { quantile } from '@aisle/std';
import { inMs } from '../verdict/figures.ts';
import type { AttackOutcome } from './attack.ts';
import type { Felt } from './innocents.ts';
import type { ScriptsReport } from './scripts-run.ts';

/** The promise to shoppers who have nothing to do with a hostile script. */
const P99_MS = 100;
const SHOWN_MAX = 40;

/** A finding if hostile scripts affected innocent shoppers. A machine that is too busy shows in the control, too. */
export function slowness({ felt: { attacked, alone } }: ScriptsReport): string[] {
  const p99 = quantile(attacked.tookMs, 0.99);
  if (p99 === undefined || p99 <= P99_MS) return [];
  return [`innocents: p99 is ${inMs(p99)} beside hostile scripts (${inMs(quantile(alone.tookMs, 0.99))} without), promised are ${P99_MS} ms`];
}

/** A report for people. */
export function scriptsText(report: ScriptsReport, findings: readonly string[]): string {
  const { outcomes, felt, offMs } = report;
  const count = (end: AttackOutcome['end']): number => outcomes.filter((outcome) => outcome.end === end).length;
  const retired = outcomes.filter((outcome) => outcome.retired !== undefined).length;
  return [
    ...outcomes.map(outcomeLine).sort(),
    '',
    `seed ${report.seed}, ${(report.tookMs / 60_000).toFixed(1)} min: ${outcomes.length} tries of ${report.corpusSize} hostile scripts`,
    `${count('refused')} refused, ${count('blamed')} blamed (${retired} of them retired), ${count('harmless')} harmless, ${count('unblamed')} unblamed`,
    `answers about hostile scripts and to their baskets: ${listOf(report.hostileAnswers)}`,
    `answers to innocents: ${listOf(report.innocentAnswers)}`,
    `off, while the script was asked:  ${times(offMs)}`,
    `innocents beside hostile scripts: ${feltText(felt.attacked)}`,
    `innocents alone:                  ${feltText(felt.alone)}`,
    ...findings.slice(0, SHOWN_MAX),
    findings.length === 0 ? 'every script failed alone' : `BROKEN: ${findings.length} findings`,
  ].join('\n');
}

function outcomeLine({ script, end, reason, retired }: AttackOutcome): string {
  const details = [reason, retired === undefined ? '' : `retired: ${retired}`].filter((text) => text !== '').join('; ');
  return `${end.padEnd(9)} ${script}${details === '' ? '' : ` (${details})`}`;
}

function feltText({ tookMs, passing, degraded }: Felt): string {
  return `${times(tookMs)}; ${passing} told to come again, ${degraded} without the honest script`;
}

function times(samples: readonly number[]): string {
  const at = (share: number): string => inMs(quantile(samples, share));
  return samples.length === 0 ? 'not measured' : `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}, of ${samples.length}`;
}

function listOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).sort().map(([name, count]) => `${name} ${count}`).join(', ');
}
