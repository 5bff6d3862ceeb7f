import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { VirtualRuntime } from '@aisle/std/testing';
import type { HeldKey } from '../keys/keyring.ts';
import { mintKey } from '../keys/secret.ts';
import { checkAnonymous } from './identity.config.ts';
import { Identity } from './identity.ts';

const SECRET = 'a'.repeat(43);
const ADMIN_KEY_SHA256 = createHash('sha256').update(SECRET).digest('hex');

describe('the identity of a request', () => {
  it.each<[what: string, headers: (text: string) => IncomingHttpHeaders]>([
    ['Authorization', (text) => ({ authorization: `Bearer ${text}` })],
    ['Authorization in other letters', (text) => ({ authorization: `bearer  ${text}` })],
    ['X-Api-Key', (text) => ({ 'x-api-key': text })],
  ])('is that of the key in %s', async (_what, headers) => {
    const { identity, key, text, runtime } = setUp();

    expect(identity.principalOf(headers(text))).toBe(key.principal);
    expect(key.usedAtMs).toBe(runtime.clock.nowMs());
  });

  it('is anonymous without a credential, where that is permitted', async () => {
    const { identity } = setUp({ ANONYMOUS_SCOPES: 'all' });

    expect(await identity.principalOf({})).toMatchObject({ kind: 'anonymous', tenant: 'default' });
    expect(() => setUp().identity.principalOf({})).toThrow(expect.objectContaining({ code: 'identity.required' }));
  });

  it('is the administrator with the key of the configuration', async () => {
    const { identity } = setUp({ ADMIN_KEY_SHA256 });

    expect(await identity.principalOf({ authorization: `Bearer aisle_admin_${SECRET}` })).toMatchObject({ kind: 'admin' });
    expect(() => setUp().identity.principalOf({ 'x-api-key': `aisle_admin_${SECRET}` })).toThrow(expect.objectContaining({ code: 'identity.invalid' }));
  });

  it.each<[code: string, headers: (text: string) => IncomingHttpHeaders]>([
    ['identity.invalid', (text) => ({ authorization: `Basic ${text}` })],
    ['identity.invalid', (text) => ({ authorization: text })],
    ['identity.invalid', () => ({ authorization: 'Bearer ' })],
    ['identity.invalid', (text) => ({ authorization: `Bearer ${text}x` })],
    ['identity.invalid', (text) => ({ 'x-api-key': text.slice(0, -1) })],
    ['identity.invalid', () => ({ 'x-api-key': '' })],
    ['identity.ambiguous', (text) => ({ authorization: `Bearer ${text}`, 'x-api-key': text })],
  ])('is refused with %s', async (code, headers) => {
    // A wrong credential is refused, also where none is needed.
    for (const settings of [{}, { ANONYMOUS_SCOPES: 'all' as const }]) {
      const { identity, text } = setUp(settings);

      expect(() => identity.principalOf(headers(text))).toThrow(expect.objectContaining({ code }));
    }
  });

  it('ends at the instant at which the key expires', async () => {
    const { identity, key, text, runtime } = setUp();
    Object.assign(key, { expiresAtMs: runtime.clock.nowMs() + 10 });

    await runtime.advance(9);
    expect(identity.principalOf({ 'x-api-key': text })).toBe(key.principal);
    await runtime.advance(1);
    expect(() => identity.principalOf({ 'x-api-key': text })).toThrow(expect.objectContaining({ code: 'identity.invalid' }));
  });

  it('waits for a read of the keys if they may be out of date, and is refused if that fails', async () => {
    const { identity, key, text, keyring } = setUp();
    keyring.isFresh = false;
    keyring.read = async () => void keyring.keys.set('late', key);
    expect(await identity.principalOf({ 'x-api-key': text })).toBe(key.principal);
    expect(keyring.keys.has('late')).toBe(true);

    keyring.read = async () => Promise.reject(new Error('away'));
    await expect(identity.principalOf({ 'x-api-key': text })).rejects.toMatchObject({ kind: 'unavailable', code: 'identity.stale' });
  });

  it('waits for a read of the keys if its key is unknown', async () => {
    const { identity, key, text, keyring, id } = setUp();
    keyring.keys.clear();
    await expect(identity.principalOf({ 'x-api-key': text })).rejects.toMatchObject({ code: 'identity.invalid' });

    keyring.read = async () => void keyring.keys.set(id, key);
    expect(await identity.principalOf({ 'x-api-key': text })).toBe(key.principal);
  });
});

describe('a gateway without credentials', () => {
  it.each([
    [{ HOST: '127.0.0.1' }, true], [{ HOST: 'localhost', NODE_ENV: 'development' }, true],
    [{ HOST: '0.0.0.0' }, false], [{ HOST: '::' }, false], [{ HOST: '10.0.0.7' }, false], [{ HOST: '127.0.0.1', NODE_ENV: 'production' }, false],
  ])('with %j may start: %s', (settings, may) => {
    const check = (): void => checkAnonymous({ NODE_ENV: undefined, ...settings, ANONYMOUS_SCOPES: 'all' });

    if (may) expect(check).not.toThrow();
    else expect(check).toThrow(/ANONYMOUS_SCOPES: is for development/);
    expect(() => checkAnonymous({ NODE_ENV: undefined, ...settings, ANONYMOUS_SCOPES: undefined })).not.toThrow();
  });
});

function setUp(settings: { ANONYMOUS_SCOPES?: 'all'; ADMIN_KEY_SHA256?: string } = {}) {
  const runtime = new VirtualRuntime();
  const { id, text, digest } = mintKey(runtime);
  const key: HeldKey = {
    digest, expiresAtMs: Infinity, principal: { tenant: 'default', id, name: `key/${id}`, kind: 'key', scopes: new Set() }, usedAtMs: 0,
  };
  const keys = new Map([[id, key]]);
  const keyring = {
    keys, isFresh: true, read: async (): Promise<void> => undefined,
    find: (wanted: string) => keys.get(wanted),
    trusted: (wanted: string) => (keyring.isFresh ? keys.get(wanted) : undefined),
    refresh: (): Promise<void> => keyring.read(),
    isCurrent: () => keyring.isFresh,
    isDenied: () => false,
  };
  const config = { ANONYMOUS_SCOPES: undefined, ADMIN_KEY_SHA256: undefined, HOST: '127.0.0.1', NODE_ENV: undefined, ...settings };
  return { runtime, id, key, text, keyring, identity: new Identity({ config, keyring, clock: runtime.clock }) };
}
