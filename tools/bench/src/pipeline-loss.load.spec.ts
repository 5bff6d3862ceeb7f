import { runQuick } from './testing/run-script.ts';
import type { Counted } from './pipeline/counting-sink.ts';

describe('the count of a pipeline under faults', () => {
  it('finds every event in the sink or among the dead letters, and none in both', async () => {
    const { found } = await runQuick<{ counted: Counted; produced: number }>('pipeline-loss.ts');

    expect(found.produced).toBe(200_000);
    expect(found.counted).toMatchObject({ stored: 199_998, dead: 2, both: 0, missing: 0 });
  });
});
