import { runQuick } from './testing/run-script.ts';

interface Found {
  readonly latency: number;
  readonly heap: number;
  readonly follows: number;
  readonly most: number;
}

describe('a pipeline whose producers could make ten times too many events', () => {
  it('limits them to the consumed events, with no more in flight than its consumers demanded', async () => {
    const { found, stdout } = await runQuick<Found>('pipeline-pressure.ts');

    expect(found.most).toBeLessThanOrEqual(8);
    expect(found.follows).toBeCloseTo(1, 1);
    expect(stdout).toMatch(/p50 loaded over unloaded/);
  });
});
