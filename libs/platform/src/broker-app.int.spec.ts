import 'reflect-metadata';
import { createRedisTransport } from '@aisle/broker';
import { ensureInfra } from '@aisle/dev';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import { seededRandom } from '@aisle/std/testing';
import { failuresIn, fuzzEntry } from './testing/fuzzed-entry.ts';

describe('the entry of a process over Redis', () => {
  it('answers each wrong message with a failure, counts it, and passes none to a handler', async () => {
    const { redisUrl } = await ensureInfra({ needs: ['redis'] });
    // 400 concurrent pushes share the processor with the entry that reads them. None of them may time out.
    const transport = createRedisTransport({
      url: redisUrl, keyPrefix: `test-entry-${uuidv7(runtime)}:`, runtime, pushTimeoutMs: 60_000,
    });

    const report = await fuzzEntry({ transport, runtime, random: seededRandom(81), frames: 1_000 });

    expect(report.wronglyHandled).toEqual([]);
    expect([report.handled, report.refused]).toEqual([report.expected.right, report.expected.wrong]);
    expect(report.dropped).toEqual({ expired: report.expected.expired, corrupt: report.expected.corrupt });
    expect(failuresIn(report.answers)).toBe(report.wrongAnswerable);
    expect(report.logged).toEqual([]);
    await transport.close();
  });
});
