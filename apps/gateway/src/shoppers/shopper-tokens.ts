import { Identifier, type Principal, type Scope } from '@aisle/contracts';
import { SignJWT, type JWTPayload } from 'jose';
import { z } from 'zod';
import { IdentityFailure } from '../identity/identity-failures.ts';
import type { TokenSettings } from '../identity/token.config.ts';
import type { ShopperKeys } from './shopper.config.ts';

/** The beginning of every shopper's token. A JWT follows. */
export const SHOPPER_PREFIX = 'aisle_shopper_';

/** The longest life of a token. */
export const LIFETIME_MAX_S = 24 * 60 * 60;

/** The contents of a token: its owner's tenant, and the opening of the basket for which it is. */
export interface ShopperGrant {
  /** The id of the token. */
  readonly id: string;
  readonly tenant: string;
  readonly market: string;
  readonly basket: string;
  readonly opening: number;
  /** The id of the key that issues it; absent for the administrator and an open system. */
  readonly issuer?: string | undefined;
}

const [ISSUER, AUDIENCE, ALGORITHM] = ['aisle', 'aisle-shopper', 'HS256'];
/** A shopper may read and change one basket, read the products of its market, and read the order that it becomes. */
const SCOPES: ReadonlySet<Scope> = new Set<Scope>(['baskets:read', 'baskets:write', 'catalogue:read', 'orders:read']);

const Claims = z.object({
  sub: Identifier, tenant: Identifier, market: Identifier, basket: Identifier, opening: z.int().min(0), key: Identifier.optional(),
});

/** Signs a token by the first of the keys. `nowMs` is the instant of its issue. */
export async function signShopper(
  keys: ShopperKeys, { id, issuer, ...grant }: ShopperGrant, { nowMs, ttlS }: { readonly nowMs: number; readonly ttlS: number },
): Promise<string> {
  const [[kid, secret]] = keys as unknown as [[string, string]];
  const issuedAtS = Math.floor(nowMs / 1_000);
  const token = await new SignJWT({ ...grant, ...(issuer === undefined ? {} : { key: issuer }) })
    .setProtectedHeader({ alg: ALGORITHM, kid }).setSubject(id).setIssuer(ISSUER).setAudience(AUDIENCE)
    .setIssuedAt(issuedAtS).setExpirationTime(issuedAtS + ttlS)
    .sign(bytesOf(secret));
  return SHOPPER_PREFIX + token;
}

/** The settings by which shoppers' tokens are verified; undefined if none is issued. */
export function shopperSettings(keys: ShopperKeys | undefined): TokenSettings | undefined {
  if (keys === undefined) return undefined;
  const secrets = new Map([...keys].map(([kid, secret]) => [kid, bytesOf(secret)]));
  return {
    source: { secretOf: (kid) => secrets.get(kid ?? '') },
    issuer: ISSUER, audience: AUDIENCE, algorithms: [ALGORITHM], toleranceMs: 1_000, lifetimeMaxMs: LIFETIME_MAX_S * 1_000, principalOf: shopperOf,
  };
}

function shopperOf(payload: JWTPayload): Principal {
  const claims = Claims.safeParse(payload);
  if (!claims.success) throw IdentityFailure.invalid();
  const { sub: id, tenant, market, basket, opening, key } = claims.data;
  return {
    tenant, id, name: `shopper/${id}`, kind: 'shopper', scopes: SCOPES, markets: new Set([market]), basket: { id: basket, opening },
    ...(key === undefined ? {} : { issuer: key }),
  };
}

function bytesOf(secret: string): Uint8Array {
  return Buffer.from(secret, 'base64url');
}
