import { BadConfiguration } from '@aisle/platform';
import type { Principal } from '@aisle/contracts';
import type { JWTPayload } from 'jose';
import { z } from 'zod';
import { principalOf } from './token-claims.ts';

const MINUTE_MS = 60_000;
const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const SYMMETRIC = ['HS256', 'HS384', 'HS512'];

const claim = z.string().min(1);

/** The settings of tokens of an identity provider. Without `JWT_JWKS_URL` and `JWT_SECRET`, no token is accepted. Same on every gateway. */
export const TokenConfig = z.object({
  /** The provider's public keys (RFC 7517). They are read again after ten minutes, and for an unknown `kid`. */
  JWT_JWKS_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** A secret that is shared with the provider, in place of its public keys. */
  JWT_SECRET: z.string().min(32).optional(),
  /** The `iss` of every token. */
  JWT_ISSUER: z.string().min(1).optional(),
  /** One of the `aud` of every token. */
  JWT_AUDIENCE: z.string().min(1).optional(),
  /** Accepted algorithms, separated by commas: RS256 and ES256 with public keys, HS256 with a secret, unless given. */
  JWT_ALGORITHMS: z.string().regex(/^\w+(,\w+)*$/, 'must be names, separated by commas').transform((names) => names.split(',')).optional(),
  /** The difference that clocks may have. */
  JWT_TOLERANCE_MS: z.coerce.number().int().min(0).max(MINUTE_MS).default(5_000),
  /** The longest life of a token; a longer one is refused. A denial ends a token earlier. */
  JWT_LIFETIME_MAX_MS: z.coerce.number().int().min(MINUTE_MS).max(24 * 60 * MINUTE_MS).default(15 * MINUTE_MS),
  /** The claim with the scopes: a list, or a text with blanks between them. Unknown scopes are ignored. */
  JWT_SCOPE_CLAIM: claim.default('scope'),
  /** The claim with the tenant, which every token must have then. Without it, all tokens are of the tenant `default`. */
  JWT_TENANT_CLAIM: claim.optional(),
  /** The claim with the list of markets, which every token must have then; `*` stands for all. Without it, tokens have all markets. */
  JWT_MARKETS_CLAIM: claim.optional(),
});

/** The settings by which tokens are verified. */
export interface TokenSettings {
  /** The keys of the issuer, or a secret that is shared with it, by the `kid` of a token; undefined for an unknown one. */
  readonly source: { readonly jwksUrl: URL } | { readonly secretOf: (kid: string | undefined) => Uint8Array | undefined };
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  readonly toleranceMs: number;
  readonly lifetimeMaxMs: number;
  /** The principal of verified claims. Throws `identity.invalid` if a claim is missing, or not of its type. */
  readonly principalOf: (claims: JWTPayload) => Principal;
}

/** The settings of tokens; undefined if none is accepted. Throws `BadConfiguration` for settings that do not fit together. */
export function tokenSettings(config: z.infer<typeof TokenConfig>): TokenSettings | undefined {
  const { JWT_JWKS_URL: url, JWT_SECRET: secret, JWT_ISSUER: issuer = '', JWT_AUDIENCE: audience = '' } = config;
  if (url === undefined && secret === undefined) return undefined;
  const fitting = secret === undefined ? ASYMMETRIC : SYMMETRIC;
  const algorithms = config.JWT_ALGORITHMS ?? (secret === undefined ? ['RS256', 'ES256'] : ['HS256']);
  const problems = [
    ...(url !== undefined && secret !== undefined ? ['JWT_SECRET: excludes JWT_JWKS_URL'] : []),
    ...(issuer === '' ? ['JWT_ISSUER: is missing'] : []),
    ...(audience === '' ? ['JWT_AUDIENCE: is missing'] : []),
    // A public key that was taken as a shared secret would let everyone sign.
    ...(algorithms.every((name) => fitting.includes(name)) ? [] : [`JWT_ALGORITHMS: must be of ${fitting.join(', ')}`]),
  ];
  if (problems.length > 0) throw new BadConfiguration(problems);
  const key = secret === undefined ? undefined : new TextEncoder().encode(secret);
  const claims = { scope: config.JWT_SCOPE_CLAIM, tenant: config.JWT_TENANT_CLAIM, markets: config.JWT_MARKETS_CLAIM };
  return {
    source: key === undefined ? { jwksUrl: new URL(url as string) } : { secretOf: () => key },
    issuer, audience, algorithms, toleranceMs: config.JWT_TOLERANCE_MS, lifetimeMaxMs: config.JWT_LIFETIME_MAX_MS,
    principalOf: (payload) => principalOf(payload, claims),
  };
}
