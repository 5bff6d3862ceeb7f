import { systemRuntime as runtime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { MemoryBackbone } from '../backbone/memory-backbone.ts';
import { EventWorld } from '../testing/event-world.ts';
import { forgetConsumer, knownConsumers } from './known-consumers.ts';

describe('a known consumer', () => {
  let world: EventWorld;

  beforeAll(async () => {
    world = await EventWorld.make(new MemoryBackbone({ runtime }));
  });
  beforeEach(() => world.turnOver());
  afterEach(() => world.stopAll());
  afterAll(() => world.end());

  it('is listed with the number of events that it is behind', async () => {
    world.relay();
    const consumer = world.consume({ handle: async () => undefined });
    await world.produce(['a', 'b', 'c']);
    await world.settled();
    expect(await knownConsumers(world.pool, [world.topic])).toEqual([known({ behind: 0, isAlive: true })]);
    await world.stop(consumer);

    await world.produce(['a', 'b']);

    await eventually(async () => expect(await knownConsumers(world.pool, [world.topic])).toEqual([known({ behind: 2, isAlive: false })]));
    expect(await knownConsumers(world.pool, ['another'])).toEqual([]);
  });

  it('is forgotten once none of its processes runs, and then holds back no event', async () => {
    world.relay();
    const consumer = world.consume({ handle: async () => undefined });
    await world.produce(['a']);
    await world.settled();

    await expect(forgetConsumer(world.pool, world.consumer, [world.topic])).rejects.toMatchObject({ kind: 'conflict', code: 'consumer.alive' });
    expect(await knownConsumers(world.pool, [world.topic])).toHaveLength(1);
    await world.stop(consumer);

    expect(await forgetConsumer(world.pool, world.consumer, ['another'])).toEqual([]);
    expect(await forgetConsumer(world.pool, world.consumer, [world.topic])).toEqual([world.topic]);
    expect(await forgetConsumer(world.pool, world.consumer, [world.topic])).toEqual([]);
    expect(await knownConsumers(world.pool, [world.topic])).toEqual([]);
  });

  function known(facts: object): object {
    return { consumer: world.consumer, topic: world.topic, ...facts };
  }
});
