import { runQuick } from './testing/run-script.ts';

describe('the count of a pipeline over Redis Streams', () => {
  it('finds every event in the sink or among the dead letters, under kills and a flush', async () => {
    const { found } = await runQuick('stream-loss.ts');

    expect(found).toMatchObject({ stored: 39_996, dead: 4, both: 0, missing: 0, kills: 2, isWhole: true, isConfirmed: true });
  });
});
