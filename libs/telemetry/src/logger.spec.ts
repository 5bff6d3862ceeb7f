import { createLogger, errorFields } from './logger.ts';

describe('a logger', () => {
  it('writes one JSON line a fact, with time, level, instance and fields', () => {
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

describe('errorFields', () => {
  it('gives the whole chain of causes', () => {
    const root = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

    expect(errorFields(new Error('not committed', { cause: root }))).toMatchObject({
      error: { name: 'Error', message: 'not committed' },
      causes: [{ message: 'refused', code: 'ECONNREFUSED' }],
    });
  });

  it('takes whatever was thrown', () => {
    expect(errorFields('text')).toEqual({ error: { name: 'string', message: '"text"' } });
    expect(errorFields(undefined)).toEqual({ error: undefined });
  });
});
