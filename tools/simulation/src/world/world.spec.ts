import { sleep } from '@aisle/std';
import type { SimulatedProcess } from './simulated-process.ts';
import { World } from './world.ts';

describe('World', () => {
  it('repeats a run for the same seed, and differs for another seed', async () => {
    const run = async (seed: number): Promise<string[]> => {
      const world = new World(seed);
      for (const name of ['a', 'b', 'c']) live(world, world.process(name, { clockDriftMax: 0.01 }));
      world.runtime.timers.after(world.random.int(500), () => world.processes[0]?.pause());
      world.runtime.timers.after(600, () => world.processes[0]?.resume());
      world.runtime.timers.after(world.random.int(800), () => world.processes[1]?.kill());
      await world.runFor(1_000);
      return world.lastEvents(1_000);
    };

    const first = await run(7);

    expect(first.length).toBeGreaterThan(20);
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
  });

  it('records the last events, with their time and process', async () => {
    const world = new World(1);
    world.note('begins');
    await world.runFor(1_234.5);
    world.note('is told', 'node-1');

    expect(world.lastEvents()).toEqual(['     0.000 ms  begins', '  1234.500 ms  node-1: is told']);

    for (let event = 0; event < 2_500; event += 1) world.note(`event ${event}`);
    expect(world.lastEvents(2)).toEqual(['  1234.500 ms  event 2498', '  1234.500 ms  event 2499']);
    expect(world.lastEvents(5_000)).toHaveLength(1_000);
  });

  it('fails with the error that a process throws', async () => {
    const world = new World(1);
    world.process('node').runtime.timers.after(10, () => {
      throw new Error('a bug');
    });

    await expect(world.runFor(20)).rejects.toThrow('a bug');
  });

  it('accepts the name of a dead process again', () => {
    const world = new World(1);
    const first = world.process('node');
    expect(() => world.process('node')).toThrow('node is alive');

    first.kill();

    expect(world.process('node').alive).toBe(true);
    expect(world.processes).toHaveLength(2);
    expect(world.coverage.counts()).toEqual({ 'process.killed': 1 });
  });
});

/** Records events at times that the process's own random generator decides. */
function live(world: World, { name, runtime }: SimulatedProcess): void {
  const act = async (): Promise<void> => {
    for (;;) {
      await sleep(runtime, runtime.random.int(100));
      world.note(`draws ${runtime.random.int(1_000)} at ${runtime.clock.monotonicMs()}`, name);
    }
  };
  void act();
}
