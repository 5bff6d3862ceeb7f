import { ensureInfra } from '@aisle/dev';
import { TcpProxy } from '@aisle/dev/testing';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { BaseConfig, readConfig } from './config.ts';
import { createLogger } from './telemetry/logger.ts';
import { memoryCounter, redisCounter, type WindowCounter } from './window-counter.ts';

/** Longer than any test. */
const WINDOW_S = 600;

describe('a counter in Redis', () => {
  let proxy: TcpProxy;
  let one: WindowCounter;
  let other: WindowCounter;

  beforeAll(async () => {
    const { redisUrl } = await ensureInfra({ needs: ['redis'] });
    const prefix = `test-${uuidv7(runtime)}`;
    proxy = new TcpProxy(new URL(redisUrl));
    await proxy.open();
    one = redisCounter(optionsOf(redisUrl, prefix), WINDOW_S);
    other = redisCounter(optionsOf(proxy.url, prefix), WINDOW_S);
  });
  afterAll(async () => {
    await Promise.all([one.close(), other.close()]);
    await proxy.close();
  });

  it('counts for all processes, each key by itself', async () => {
    // A counter that is not yet connected counts by itself.
    await eventually(async () => {
      const [tea, milk] = [uuidv7(runtime), uuidv7(runtime)];

      const counts = [await one.add(tea, 5), await other.add(tea, 2), await one.add(milk, 1)];

      const areInTime = counts.every(({ endsInMs }) => endsInMs > 0 && endsInMs <= WINDOW_S * 1_000);
      return areInTime && counts.map(({ count }) => count).join() === '5,7,1';
    });
  });

  it('counts by itself while Redis is away', async () => {
    await eventually(async () => (await one.add('rice', 10)).count >= 10);
    await proxy.close();
    await eventually(async () => (await other.add('lost', 1)).count === 1);

    expect((await other.add('rice', 3)).count).toBe(3);
    expect((await other.add('rice', 4)).count).toBe(7);

    await proxy.open();
    await eventually(async () => (await other.add('rice', 1)).count > 10);
  });
});

describe('a counter in memory', () => {
  it('counts in its process', async () => {
    const counter = memoryCounter(WINDOW_S);

    await counter.add('tea', 1);

    expect(await counter.add('tea', 2)).toMatchObject({ count: 3 });
    await counter.close();
  });
});

function optionsOf(url: string, prefix: string): Parameters<typeof redisCounter>[0] {
  return {
    config: readConfig(BaseConfig, { REDIS_URL: url, REDIS_KEY_PREFIX: prefix }),
    logger: createLogger({ level: 'error', instance: 'test', pretty: false }),
  };
}
