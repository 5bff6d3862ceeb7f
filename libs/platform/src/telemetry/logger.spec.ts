import { VirtualRuntime } from '@aisle/std/testing';
import { createLogger, errorFields } from './logger.ts';

describe('a logger', () => {
  it('writes each message as one JSON line with time, level, instance and fields', () => {
    const lines: string[] = [];
    const logger = createLogger({
      level: 'info',
      instance: 'gateway-1',
      pretty: false,
      destination: { write: (line) => void lines.push(line) },
    });

    logger.with({ shard: 7 }).info('shard acquired', { epoch: 2 });
    logger.debug('not at this level');

    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        instance: 'gateway-1',
        shard: 7,
        epoch: 2,
        message: 'shard acquired',
      },
    ]);
  });

  it('never writes a password', () => {
    const lines: string[] = [];
    const logger = createLogger({
      level: 'info',
      instance: 'x',
      pretty: false,
      destination: { write: (line) => void lines.push(line) },
    });

    logger.info('connected', { database: { password: 'canary' } });

    expect(lines.join()).not.toContain('canary');
  });
});

describe('a logger in a storm of equal lines', () => {
  let runtime: VirtualRuntime;
  let lines: Record<string, unknown>[];
  let logger: ReturnType<typeof createLogger>;

  beforeEach(() => {
    runtime = new VirtualRuntime();
    lines = [];
    logger = createLogger({
      level: 'info', instance: 'x', pretty: false, runtime,
      destination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    });
  });

  it.each(['warn', 'error'] as const)('writes the same %s twenty times, and then the number of further ones', async (level) => {
    for (let n = 0; n < 1_000; n += 1) logger.with({ topic: n })[level]('relay failed', errorFields(new Error('refused')));

    expect(lines).toHaveLength(20);
    await runtime.advance(10_000);
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toMatchObject({ level, message: 'relay failed', error: { message: 'refused' }, repeated: 980, topic: 999 });
  });

  it('writes the stack once', () => {
    const error = new Error('refused', { cause: new Error('by the other side') });
    for (let n = 0; n < 3; n += 1) logger.error('relay failed', errorFields(error));

    const stacks = lines.map((line) => JSON.stringify(line).match(/"stack"/g)?.length ?? 0);
    expect(stacks).toEqual([2, 0, 0]);
  });

  it('starts again when the storm is over', async () => {
    const storm = (): void => {
      for (let n = 0; n < 30; n += 1) logger.warn('relay failed');
    };
    storm();
    await runtime.advance(10_000);
    const [before] = [lines.splice(0).length];
    storm();

    expect([before, lines.length]).toEqual([21, 20]);
  });

  it('counts different errors separately, and does not limit lines of other levels', () => {
    for (let n = 0; n < 30; n += 1) {
      logger.info('shard acquired', { shard: n });
      logger.warn('relay failed', errorFields(new Error(`of ${n % 2}`)));
      logger.warn('renewal late');
    }

    expect(lines.map(({ message }) => message).sort()).toEqual([
      ...Array<string>(30).fill('relay failed'), ...Array<string>(20).fill('renewal late'), ...Array<string>(30).fill('shard acquired'),
    ]);
  });
});

describe('errorFields', () => {
  it('contains the whole chain of causes', () => {
    const root = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

    expect(errorFields(new Error('not committed', { cause: root }))).toMatchObject({
      error: { name: 'Error', message: 'not committed' },
      causes: [{ message: 'refused', code: 'ECONNREFUSED' }],
    });
  });

  it('takes any thrown value', () => {
    expect(errorFields('text')).toEqual({ error: { name: 'string', message: '"text"' } });
    expect(errorFields(undefined)).toEqual({ error: undefined });
  });
});
