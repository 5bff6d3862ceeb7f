import { BaseConfig, portFromEnvironment, readConfig } from './config.ts';

const Config = BaseConfig.extend({ PORT: portFromEnvironment.default(3000) });

describe('readConfig', () => {
  it('reads text from the environment, and takes an empty text as absent', () => {
    expect(readConfig(Config, { OPS_PORT: '9101', PORT: '' })).toMatchObject({ OPS_PORT: 9101, PORT: 3000 });
  });

  it('lists every bad name at once, and never a value', () => {
    const read = (): unknown =>
      readConfig(Config, { OPS_PORT: 'canary', LOG_LEVEL: 'canary', REDIS_URL: 'http://canary' });

    expect(read).toThrow(expect.objectContaining({ name: 'BadConfiguration' }));
    expect(read).toThrow(/OPS_PORT[^]*LOG_LEVEL[^]*REDIS_URL/);
    expect(read).not.toThrow(/canary/);
  });
});
