import { z } from 'zod';
import { Instant } from '../calendar.ts';
import { Identifier } from '../identifier.ts';
import { listOf } from '../list.ts';
import { Text } from '../text.ts';
import { Scope, SCOPES } from './scope.ts';

/** The bounds of API keys. */
export const KEY_LIMITS = {
  /** Keys that are neither revoked nor expired, of all tenants. A gateway holds them all in memory. */
  keys: 10_000,
  /** Markets to which one key is restricted. */
  markets: 100,
  /** Units a second. */
  rate: 1_000_000,
} as const;

const SCOPES_OF = 'what the key may do';
const RATE_OF = 'the units that the key may use a second, over all gateways; without it, the limit of the system';
const MARKETS_OF = 'the only markets in which the key is valid; without it, all markets of the tenant';

/** The body of `POST /keys`. */
export const NewKey = z
  .strictObject({
    name: Identifier.meta({ description: 'a name for people; several keys may have it' }),
    scopes: listOf(Scope, { least: 1, most: SCOPES.length }).meta({ description: SCOPES_OF }),
    markets: listOf(Identifier, { least: 1, most: KEY_LIMITS.markets }).optional().meta({ description: MARKETS_OF }),
    ratePerSecond: z.int().min(1).max(KEY_LIMITS.rate).optional().meta({ description: RATE_OF }),
    expiresAt: Instant.optional().meta({ description: 'the end of the validity; without it, the key is valid until it is revoked' }),
    tenant: Identifier.optional().meta({ description: 'the tenant of the key; only the administrator may name another than his own' }),
  })
  .meta({ id: 'NewKey' });
export type NewKey = z.infer<typeof NewKey>;

/** An API key, without its secret. */
export const ApiKey = z
  .strictObject({
    id: Text,
    name: Identifier,
    tenant: Identifier,
    scopes: z.array(Scope).meta({ description: SCOPES_OF }),
    markets: z.array(Identifier).optional().meta({ description: MARKETS_OF }),
    ratePerSecond: z.int().optional().meta({ description: RATE_OF }),
    createdAt: Instant,
    createdBy: Text.meta({ description: 'the name of its creator, such as `key/<id>` or `admin`' }),
    expiresAt: Instant.nullable(),
    lastUsedAt: Instant.nullable().meta({ description: 'the last use, known to within a minute; null before the first use' }),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

/** A new API key, with its secret. */
export const IssuedKey = ApiKey
  .extend({ key: Text.meta({ description: 'the credential, which is shown once: `Authorization: Bearer <key>`' }) })
  .meta({ id: 'IssuedKey' });
export type IssuedKey = z.infer<typeof IssuedKey>;

/** A page of API keys, oldest first. */
export const KeyList = z
  .strictObject({
    items: z.array(ApiKey),
    next: Text.nullable().meta({ description: 'the cursor of the next page; null on the last one' }),
  })
  .meta({ id: 'KeyList' });
export type KeyList = z.infer<typeof KeyList>;
