import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VirtualRuntime } from '@aisle/std/testing';
import { SignJWT, exportJWK, generateKeyPair, type JWK, type JWTPayload } from 'jose';
import { TokenConfig, tokenSettings } from './token.config.ts';
import { Tokens } from './tokens.ts';

const SECRET = 'a secret of at least thirty-two letters';
const [ISSUER, AUDIENCE] = ['https://login.example', 'aisle'];
const MINUTE = 60;

interface Claims {
  readonly iss?: string;
  readonly aud?: string | string[];
  readonly sub?: string | undefined;
  readonly iat?: number;
  readonly exp?: number;
  readonly [name: string]: unknown;
}

describe('a token of a provider that shares a secret', () => {
  it('names the principal, with the scopes that are known here', async () => {
    const { tokens, token } = setUp();

    expect(await tokens.principalOf(await token({ scope: 'openid orders:read baskets:write everything' }))).toEqual({
      tenant: 'default', id: 'ann', name: 'user/ann', kind: 'user', scopes: new Set(['orders:read', 'baskets:write']),
    });
    expect((await tokens.principalOf(await token({ scope: ['stock:read'] }))).scopes).toEqual(new Set(['stock:read']));
    expect((await tokens.principalOf(await token({}))).scopes).toEqual(new Set());
  });

  it('has its tenant and markets from the claims of the configuration', async () => {
    const { tokens, token } = setUp({ JWT_TENANT_CLAIM: 'org', JWT_MARKETS_CLAIM: 'shops', JWT_SCOPE_CLAIM: 'roles' });
    const roles = ['orders:read', 'keys:write', 'strategies:write'];

    expect(await tokens.principalOf(await token({ org: 'default', shops: ['*'], roles }))).toMatchObject({ scopes: new Set(roles) });
    expect(await tokens.principalOf(await token({ org: 'north', shops: ['*'], roles }))).toMatchObject({
      tenant: 'north', scopes: new Set(['orders:read', 'keys:write']),
    });
    expect(await tokens.principalOf(await token({ org: 'default', shops: ['m1'], roles }))).toMatchObject({
      markets: new Set(['m1']), scopes: new Set(['orders:read']),
    });
    for (const wrong of [{ org: 'default' }, { shops: ['*'] }, { org: 7, shops: ['*'] }, { org: 'default', shops: 'm1' }]) {
      await refused(tokens, await token({ roles, ...wrong }));
    }
  });

  it.each<[what: string, claims: Claims]>([
    ['another audience', { aud: 'another' }], ['another issuer', { iss: 'https://evil.example' }], ['no subject', { sub: undefined }],
    ['an end in the past', { iat: -3 * MINUTE, exp: -MINUTE }], ['a begin in the future', { nbf: MINUTE }],
    ['an issue in the future', { iat: MINUTE, exp: 2 * MINUTE }], ['a life above 15 minutes', { exp: 15 * MINUTE + 1 }],
    ['a subject that is no identifier', { sub: 'ann\u0000' }],
  ])('is refused with %s', async (_what, claims) => {
    const { tokens, token } = setUp();

    await refused(tokens, await token(claims));
  });

  it.each<[what: string, forge: (token: string) => string]>([
    ['no algorithm', (token) => `${encoded({ alg: 'none' })}.${token.split('.')[1]}.`],
    ['no algorithm in other letters', (token) => `${encoded({ alg: 'nOnE' })}.${token.split('.')[1]}.`],
    ['the signature of another token', (token) => `${token.split('.')[0]}.${encoded({ sub: 'eve' })}.${token.split('.')[2]}`],
    ['no signature', (token) => token.slice(0, token.lastIndexOf('.') + 1)],
    ['a critical extension', (token) => `${encoded({ alg: 'HS256', crit: ['x'], x: 1 })}.${token.split('.').slice(1).join('.')}`],
    ['nonsense', () => 'a.b.c'],
  ])('is refused with %s', async (_what, forge) => {
    const { tokens, token } = setUp();

    await refused(tokens, forge(await token({})));
  });

  it('tolerates clocks that differ by seconds', async () => {
    const { tokens, token } = setUp();

    expect(await tokens.principalOf(await token({ iat: 4, exp: MINUTE }))).toMatchObject({ id: 'ann' });
    expect(await tokens.principalOf(await token({ iat: -MINUTE, exp: -4 }))).toMatchObject({ id: 'ann' });
    await refused(tokens, await token({ iat: 6, exp: MINUTE }));
    await refused(tokens, await token({ iat: -MINUTE, exp: -6 }));
  });

  it('is remembered until it ends', async () => {
    const { tokens, token, runtime } = setUp();
    const text = await token({ exp: MINUTE });
    const principal = await tokens.principalOf(text);

    expect(tokens.principalOf(text)).toBe(principal);
    await runtime.advance(64_999);
    expect(tokens.principalOf(text)).toBe(principal);
    await runtime.advance(1);
    expect(() => tokens.principalOf(text)).toThrow(expect.objectContaining({ code: 'identity.invalid' }));
    await refused(tokens, text);
  });
});

describe('a token of a provider with public keys', () => {
  const keys: JWK[] = [];
  let provider: Server;
  let url: string;

  beforeEach(async () => {
    keys.splice(0);
    provider = createServer((_request, response) => void response.end(JSON.stringify({ keys })));
    await new Promise<void>((resolve) => void provider.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`;
  });
  afterEach(() => void provider.close());

  it('is accepted under each key of the provider, also after a rotation', async () => {
    const { tokens, sign } = withKeys();
    const [first, second] = [await sign('k1'), await sign('k2')];
    keys.push(first.publicKey);
    expect(await tokens.principalOf(await first.token())).toMatchObject({ id: 'ann' });
    await refused(tokens, await second.token());

    keys.splice(0, 1, second.publicKey);

    expect(await tokens.principalOf(await second.token())).toMatchObject({ id: 'ann' });
    await refused(tokens, await first.token());
  });

  it('is refused if the public key is its secret', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    keys.push({ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256' } as JWK);
    const { tokens, nowS } = withKeys();
    const pem = publicKey.export({ format: 'pem', type: 'spki' });
    const signed = (alg: string) => new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg, kid: 'k1' }).setIssuer(ISSUER).setAudience(AUDIENCE)
      .setIssuedAt(nowS()).setExpirationTime(nowS() + MINUTE);

    await refused(tokens, await signed('HS256').sign(new TextEncoder().encode(pem.toString())));
    expect(await tokens.principalOf(await signed('RS256').sign(privateKey))).toMatchObject({ id: 'ann' });
  });

  it('cannot be checked while the provider is away', async () => {
    const { tokens, sign } = withKeys();
    const { token } = await sign('k1');
    provider.close();
    await new Promise((resolve) => provider.once('close', resolve));

    await expect(tokens.principalOf(await token())).rejects.toMatchObject({ kind: 'unavailable', code: 'identity.provider_away' });
  });

  function withKeys() {
    const runtime = new VirtualRuntime();
    const nowS = (): number => Math.floor(runtime.clock.nowMs() / 1_000);
    const settings = tokenSettings(TokenConfig.parse({ JWT_JWKS_URL: url, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE }));
    if (!settings) throw new Error('no tokens');
    const sign = async (kid: string) => {
      const pair = await generateKeyPair('ES256', { extractable: true });
      const token = (): Promise<string> => new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'ES256', kid })
        .setIssuer(ISSUER).setAudience(AUDIENCE).setIssuedAt(nowS()).setExpirationTime(nowS() + MINUTE).sign(pair.privateKey);
      return { token, publicKey: { ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256' } };
    };
    return { nowS, sign, tokens: new Tokens(settings, runtime.clock, 0) };
  }
});

describe('the settings of tokens', () => {
  const valid = { JWT_SECRET: SECRET, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE };

  it('are optional', () => {
    expect(tokenSettings(TokenConfig.parse({}))).toBeUndefined();
    expect(tokenSettings(TokenConfig.parse(valid))).toMatchObject({ algorithms: ['HS256'], toleranceMs: 5_000 });
  });

  it.each([
    [{ ...valid, JWT_ISSUER: undefined }, /JWT_ISSUER: is missing/], [{ ...valid, JWT_AUDIENCE: undefined }, /JWT_AUDIENCE: is missing/],
    [{ ...valid, JWT_JWKS_URL: 'https://login.example/keys' }, /JWT_SECRET: excludes/], [{ ...valid, JWT_ALGORITHMS: 'HS256,none' }, /JWT_ALGORITHMS/],
    [{ ...valid, JWT_ALGORITHMS: 'RS256' }, /JWT_ALGORITHMS/],
    [{ ...valid, JWT_SECRET: undefined, JWT_JWKS_URL: 'https://login.example/keys', JWT_ALGORITHMS: 'ES256,HS256' }, /JWT_ALGORITHMS/],
  ])('%j are refused', (settings, reason) => {
    expect(() => tokenSettings(TokenConfig.parse(settings))).toThrow(reason);
  });
});

/** Claims in seconds from now, and settings beyond the usual ones. */
function setUp(settings: Record<string, string> = {}) {
  const runtime = new VirtualRuntime();
  const nowS = (): number => Math.floor(runtime.clock.nowMs() / 1_000);
  const config = tokenSettings(TokenConfig.parse({ JWT_SECRET: SECRET, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, ...settings }));
  if (!config) throw new Error('no tokens');
  const token = ({ iat = 0, exp = iat + MINUTE, nbf, ...claims }: Claims): Promise<string> => new SignJWT({
    iss: ISSUER, aud: AUDIENCE, sub: 'ann', ...claims, iat: nowS() + iat, exp: nowS() + exp,
    ...(typeof nbf === 'number' ? { nbf: nowS() + nbf } : {}),
  } as JWTPayload).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(SECRET));
  return { runtime, token, tokens: new Tokens(config, runtime.clock) };
}

async function refused(tokens: Tokens, token: string): Promise<void> {
  await expect(Promise.resolve().then(() => tokens.principalOf(token))).rejects.toMatchObject({ kind: 'unauthorized', code: 'identity.invalid' });
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
