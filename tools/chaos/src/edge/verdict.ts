import type { EdgeReport } from './edge-run.ts';

/** Sentences, one for each violation. */
export function edgeFindings({ broken, bystanders: { attacked, idle } }: EdgeReport): string[] {
  // On a busy machine, innocent clients are refused now and then as well.
  const isFelt = attacked.passing > 0 && attacked.passing / attacked.writes > 2 * (idle.passing / Math.max(1, idle.writes));
  return [
    ...broken,
    ...[...attacked.other, ...idle.other].map((text) => `a bystander: ${text}`),
    ...(isFelt
      ? [`bystanders: ${attacked.passing} of ${attacked.writes} writes refused beside attacks, ${idle.passing} of ${idle.writes} without`]
      : []),
  ];
}

export function edgeText({ operations, sent, statuses, bystanders: { attacked, idle } }: EdgeReport, found: readonly string[]): string {
  const answers = Object.entries(statuses).sort().map(([status, count]) => `${status} ${count}`).join(', ');
  return [
    `${sent} hostile requests to ${operations} operations: ${answers}`,
    `bystanders beside attacks: ${attacked.writes} writes, ${attacked.passing} refused for a while; without: ${idle.writes}, ${idle.passing}`,
    ...found.slice(0, 40),
    found.length === 0 ? 'no attack caused a 500, and no innocent client was affected' : `BROKEN: ${found.length} findings`,
  ].join('\n');
}
