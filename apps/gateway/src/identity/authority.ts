import { DEFAULT_TENANT, isMarketScope, type Principal, type Scope } from '@aisle/contracts';
import { ForeignFailure, IdentityFailure } from './identity-failures.ts';

/**
 * Checks that a principal may use a route. Throws `identity.scope_missing`, or `market.unknown` for a market outside of its own, whether
 * or not that market exists.
 */
export function authorize(principal: Principal, scope: Scope, market: string | undefined): void {
  if (!principal.scopes.has(scope)) throw IdentityFailure.scopeMissing(scope);
  if (market !== undefined) requireMarket(principal, market);
}

/** Throws `market.unknown` if the principal is restricted to other markets. */
export function requireMarket({ markets }: Principal, market: string): void {
  if (markets && !markets.has(market)) throw ForeignFailure.market(market);
}

/** Throws `order.missing` if the principal is restricted to other markets than that of the order. */
export function requireOrder({ markets }: Principal, order: { readonly id: string; readonly market: string }): void {
  if (markets && !markets.has(order.market)) throw ForeignFailure.order(order.id);
}

/** The markets to which a list is restricted, as a field of its message. */
export function listedMarkets({ markets }: Principal): { readonly markets?: readonly string[] } {
  return markets ? { markets: [...markets] } : {};
}

/**
 * The scopes that a principal can have: only those in markets if it is restricted to markets, and none of strategies if it is of another
 * tenant than `default`, because all tenants share one set of strategies.
 */
export function scopesWithin(tenant: string, isRestricted: boolean, scopes: readonly Scope[]): readonly Scope[] {
  return scopes.filter((scope) => (!isRestricted || isMarketScope(scope)) && (tenant === DEFAULT_TENANT || !scope.startsWith('strategies:')));
}
