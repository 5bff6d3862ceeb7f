import { DEFAULT_TENANT, Identifier, Scope, type Principal } from '@aisle/contracts';
import { z } from 'zod';
import { scopesWithin } from './authority.ts';
import { IdentityFailure } from './identity-failures.ts';

/** The names of the claims that a provider of the configuration uses. */
export interface ClaimNames {
  readonly scope: string;
  readonly tenant: string | undefined;
  readonly markets: string | undefined;
}

const ALL_MARKETS = '*';
const MARKETS_MAX = 1_000;

const ScopeClaim = z.union([z.string().transform((text) => text.split(' ')), z.array(z.string())]).default([]);
/** A token with an id that is no identifier can be denied only with its user. */
const IdClaim = Identifier.optional().catch(undefined);
const MarketsClaim = z.array(Identifier).max(MARKETS_MAX);

/** The principal of a verified token. Throws `identity.invalid` if a claim is missing, or not of its type. */
export function principalOf(claims: Readonly<Record<string, unknown>>, names: ClaimNames): Principal {
  const id = Identifier.safeParse(claims['sub']);
  const tenant = names.tenant === undefined ? { data: DEFAULT_TENANT } : Identifier.safeParse(claims[names.tenant]);
  const scopes = ScopeClaim.safeParse(claims[names.scope]);
  const markets = names.markets === undefined ? { data: [ALL_MARKETS] } : MarketsClaim.safeParse(claims[names.markets]);
  if (id.data === undefined || tenant.data === undefined || scopes.data === undefined || markets.data === undefined) throw IdentityFailure.invalid();
  const tokenId = IdClaim.parse(claims['jti']);
  const restricted = markets.data.includes(ALL_MARKETS) ? undefined : new Set(markets.data);
  // Only keys issue tokens for shoppers: these die with their key.
  const known = scopes.data.filter((scope): scope is Scope => Scope.safeParse(scope).success && scope !== 'tokens:write');
  return {
    tenant: tenant.data, id: id.data, name: `user/${id.data}`, kind: 'user', scopes: new Set(scopesWithin(tenant.data, restricted !== undefined, known)),
    ...(restricted ? { markets: restricted } : {}), ...(tokenId === undefined ? {} : { tokenId }),
  };
}
