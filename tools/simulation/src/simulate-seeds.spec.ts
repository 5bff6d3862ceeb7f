import { simulateSeeds, type SeedFailed } from './simulate-seeds.ts';

describe('a batch of seeds', () => {
  it('adds up the coverage of its runs', async () => {
    const seen: number[] = [];

    const report = await simulateSeeds({
      seeds: 5,
      from: 10,
      required: ['even'],
      onSeed: (seed) => void seen.push(seed),
      scenario: async (world) => {
        world.coverage.hit(world.seed % 2 === 0 ? 'even' : 'odd');
        await world.runFor(1_000);
      },
    });

    expect(report).toEqual({ seeds: 5, coverage: { even: 3, odd: 2 }, virtualMs: 5_000 });
    expect(seen).toEqual([10, 11, 12, 13, 14]);
  });

  it('stops at the first failing seed, and reports its error, time, last events and replay instruction', async () => {
    const batch = simulateSeeds({
      seeds: 10,
      scenario: async (world) => {
        for (let event = 1; event <= 40; event += 1) {
          world.note(`event ${event}`, 'node-1');
          await world.runFor(1);
        }
        if (world.seed === 3) throw new Error('two owners of shard 7');
      },
    });

    const failed = await batch.catch((error: unknown) => error as SeedFailed);
    expect(failed).toMatchObject({ seed: 3 });
    const lines = (failed as SeedFailed).message.split('\n');
    expect(lines[0]).toBe('seed 3, after 40.000 ms: two owners of shard 7');
    expect(lines.slice(2, 3)).toEqual(['      10.000 ms  node-1: event 11']);
    expect(lines.slice(-2)).toEqual(['      39.000 ms  node-1: event 40', 'replay: AISLE_SIM_SEED=3']);
    expect(lines).toHaveLength(33);
  });

  it('fails when no seed has hit a required counter', async () => {
    const batch = simulateSeeds({
      seeds: 3,
      required: ['common', 'rare', 'rarer'],
      scenario: async (world) => world.coverage.hit('common'),
    });

    await expect(batch).rejects.toThrow('3 seeds from 1 never reached: rare, rarer');
  });
});
