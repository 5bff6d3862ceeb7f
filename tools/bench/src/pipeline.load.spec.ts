import type { BenchResult } from './harness.ts';
import { runQuick } from './testing/run-script.ts';

describe('the pipeline benchmark', () => {
  it('runs every pipeline, and misses no event under faults', async () => {
    const { found, stdout } = await runQuick<{ results: BenchResult[] }>('pipeline.ts');

    const ran = found.results.filter(({ perSecond }) => perSecond > 0).map(({ group, name }) => `${group}: ${name}`);
    expect(ran).toEqual(
      expect.arrayContaining([
        'integers, 1 to 1: aisle', 'integers, 1 to 8: aisle', 'maps, 1 to 8: aisle',
        'integers, 1 to 1 to 8: aisle', 'integers, demand 1: aisle', 'through Redis: bullmq', 'through Redis: aisle',
      ]),
    );
    expect(stdout).toMatch(/1 % crashes, 1 to 8.* 0 missing/);
    expect(stdout).toMatch(/consumers that wait 1 ms/);
    expect(stdout).toMatch(/consumers that compute/);
  });
});
