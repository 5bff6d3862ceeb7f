import { createHash } from 'node:crypto';
import { OpsAccess } from './ops-access.ts';

const SECRET = 'o'.repeat(43);
const keySha256 = createHash('sha256').update(SECRET).digest('hex');
const basic = (password: string): string => `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}`;

describe('a port of operators with a key', () => {
  const access = new OpsAccess({ host: '0.0.0.0', hosts: new Set(), keySha256 });

  it.each([
    ['the key', `Bearer aisle_admin_${SECRET}`], ['the key in other letters', `bearer aisle_ops_${SECRET}`],
    ['the key as a password', basic(`aisle_admin_${SECRET}`)],
  ])('is open to %s, under any name of the machine', (_what, authorization) => {
    expect(() => access.check({ host: 'node-7.internal:9100', authorization })).not.toThrow();
    expect(() => access.check({ host: 'node-7.internal:9100', origin: 'http://node-7.internal:9100', authorization })).not.toThrow();
  });

  it.each([
    ['no credential', undefined], ['another key', `Bearer aisle_admin_${'x'.repeat(43)}`], ['the secret alone', `Bearer ${SECRET}`],
    ['another password', basic('aisle_admin_guess')], ['another scheme', `Digest aisle_admin_${SECRET}`], ['nothing', ''],
  ])('asks for the key with %s, also on this machine', (_what, authorization) => {
    expect(() => access.check({ host: 'localhost', ...(authorization === undefined ? {} : { authorization }) }))
      .toThrow(expect.objectContaining({ kind: 'unauthorized', code: 'request.ops_key_required' }));
  });

  it('refuses pages of other origins, with which a browser sends a password that it knows', () => {
    const headers = { host: 'localhost:9100', authorization: basic(`aisle_admin_${SECRET}`) };

    expect(() => access.check({ ...headers, origin: 'https://evil.example' })).toThrow(expect.objectContaining({ code: 'request.cross_site' }));
    expect(() => access.check({ ...headers, 'sec-fetch-site': 'cross-site' })).toThrow(expect.objectContaining({ code: 'request.cross_site' }));
  });
});

describe('a port of operators without a key', () => {
  it('answers this machine', () => {
    const access = new OpsAccess({ host: '127.0.0.1', hosts: new Set(), keySha256: undefined });

    expect(() => access.check({ host: 'localhost:9100' })).not.toThrow();
    expect(() => access.check({ host: 'rebound.example' })).toThrow(expect.objectContaining({ code: 'request.misdirected' }));
  });

  it('answers nobody if other machines reach it', () => {
    const access = new OpsAccess({ host: '0.0.0.0', hosts: new Set(), keySha256: undefined });

    expect(() => access.check({ host: 'localhost' })).toThrow(expect.objectContaining({ code: 'request.ops_closed' }));
  });
});
