import { ensureInfra } from '@aisle/dev';
import { startOwnServer } from '@aisle/dev/testing';
import type { OwnServer } from '@aisle/dev/testing';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import kafkajs from 'kafkajs';
import { describeBackbone } from '../testing/backbone-contract.ts';
import { EventWorld, keysOf } from '../testing/event-world.ts';
import { KafkaBackbone } from './kafka-backbone.ts';

describe('KafkaBackbone', () => {
  describeBackbone(async () => {
    const { kafkaBrokers } = await ensureInfra({ needs: ['kafka'] });
    const [brokers, topicPrefix] = [kafkaBrokers.split(','), `test-${uuidv7(runtime)}-`];
    return {
      backbone: await KafkaBackbone.open({ brokers, topicPrefix, runtime }),
      async lose(topic) {
        const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
        await admin.connect();
        await admin.deleteTopics({ topics: [`${topicPrefix}${topic}`] });
        await admin.disconnect();
      },
    };
  });

  describe('with foreign writers', () => {
    let world: EventWorld;

    beforeAll(async () => {
      const { kafkaBrokers } = await ensureInfra({ needs: ['kafka'] });
      world = await EventWorld.make(await KafkaBackbone.open({ brokers: kafkaBrokers.split(','), topicPrefix: `test-${uuidv7(runtime)}-`, runtime }));
      world.turnOver();
    });
    afterAll(async () => {
      await world.stopAll();
      await world.end();
    });

    it('ignores a message without a seal, whatever its position', async () => {
      const handled: string[] = [];
      world.relay();
      world.consume({ handle: async (events) => void handled.push(...keysOf(events)) });
      await world.produce(['early']);
      await eventually(() => expect(handled).toEqual(['early']));
      const forged = { key: 'k', body: JSON.stringify({ ...world.event('forged', 'forged'), topic: undefined }) };

      for (let partition = 0; partition < 4; partition += 1) {
        const entries = [1, 2, 3].map((position) => ({ ...forged, position }));
        await world.backbone.publish([{ topic: world.topic, partition, floor: 0, entries }]);
      }
      const keys = Array.from({ length: 40 }, (_, index) => `order-${index}`);
      await world.produce(keys);
      await world.settled();

      expect([...handled].sort()).toEqual(['early', ...keys].sort());
      const letters = await world.deadLetters.list({ consumer: world.consumer });
      expect(letters).toMatchObject(Array(12).fill({ isStray: true, key: 'forged' }));
    });
  });

  describe('whose broker is killed and restarted', () => {
    let broker: OwnServer;
    let world: EventWorld;

    beforeAll(async () => {
      broker = await startOwnServer('kafka');
      world = await EventWorld.make(await KafkaBackbone.open({ brokers: [broker.url], runtime }));
    });
    beforeEach(() => world.turnOver());
    afterEach(() => world.stopAll());
    afterAll(async () => {
      await world.end();
      await broker.discard();
    });

    it('carries every event, in order', async () => {
      const handled: string[] = [];
      world.relay();
      world.consume({
        handle: async (events) => void handled.push(...events.map(({ event }) => `${event.key}/${event.id}`)),
      });
      const rounds = Array.from({ length: 20 }, (_, round) => String(round).padStart(2, '0'));
      const keys = Array.from({ length: 100 }, (_, index) => `order-${index}`);

      for (const round of rounds) {
        await world.produce(keys, () => round);
        if (round === '05') await eventually(() => expect(handled.length).toBeGreaterThan(0));
        if (round === '06') await broker.kill();
        if (round === '12') await broker.restart();
      }
      await eventually(() => expect(handled).toHaveLength(2_000));

      for (const key of keys) {
        expect(handled.filter((one) => one.startsWith(`${key}/`))).toEqual(rounds.map((round) => `${key}/${round}`));
      }
    });

    it('is awaited by a consumer and a relay that start first', async () => {
      const handled: string[] = [];
      await broker.kill();
      world.consume({ handle: async (events) => void handled.push(...keysOf(events)) });
      world.relay();
      await world.produce(['early']);
      await eventually(() => expect(world.of('failed')).not.toEqual([]));

      await broker.restart();

      await eventually(() => expect(handled).toEqual(['early']));
    });
  });
});
