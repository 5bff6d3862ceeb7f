import type { RouteFigures } from './bystanders/bystander-run.ts';
import { runQuick } from './testing/run-script.ts';

describe('the benchmark of bystanders', () => {
  it('measures innocent clients beside the worst requests, and without them', async () => {
    const { found } = await runQuick<RouteFigures[]>('bystanders.ts', '--only=batch');

    expect(found.map(({ answers }) => Object.keys(answers))).toEqual([['200'], ['400']]);
    for (const { idle, beside } of found) {
      expect([idle.refused, beside.refused]).toEqual([0, 0]);
      expect(Math.min(idle.tookMs.length, beside.tookMs.length)).toBeGreaterThan(0);
    }
  });
});
