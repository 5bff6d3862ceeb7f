import { ensureInfra } from '@aisle/dev';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import { Redis } from 'ioredis';
import { describeBackbone } from '../testing/backbone-contract.ts';
import { RedisBackbone } from './redis-backbone.ts';

describe('RedisBackbone', () => {
  describeBackbone(async () => {
    const { redisUrl: url } = await ensureInfra({ needs: ['redis'] });
    const keyPrefix = `test-${uuidv7(runtime)}:`;
    return {
      backbone: new RedisBackbone({ url, keyPrefix, runtime }),
      async lose() {
        // Other suites use this Redis, so flush only our own keys.
        const redis = new Redis(url);
        await redis.del(...(await redis.keys(`${keyPrefix}*`)));
        redis.disconnect();
      },
    };
  });
});
