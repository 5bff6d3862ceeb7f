import { DEFAULT_TENANT, isMarketScope, type Order, type Principal, type Scope } from '@aisle/contracts';
import { ForeignFailure, IdentityFailure } from './identity-failures.ts';

/** The scope of a route, and whether shoppers may use it for their basket. */
export interface RouteRights {
  readonly scope: Scope;
  readonly isForShoppers?: boolean;
}

/**
 * Checks that a principal may use a route for the resources in its path. Throws `identity.scope_missing`, `market.unknown` for a market
 * outside of its own, or `basket.missing` for a basket that is not the shopper's, whether or not these exist.
 */
export function authorize(
  principal: Principal, { scope, isForShoppers }: RouteRights, { market, basket }: { readonly market?: string; readonly basket?: string },
): void {
  const { basket: own } = principal;
  if (!principal.scopes.has(scope) || (own && !isForShoppers)) throw IdentityFailure.scopeMissing(scope);
  if (market !== undefined) requireMarket(principal, market);
  if (own && basket !== undefined && basket !== own.id) throw ForeignFailure.basket();
}

/** Throws `market.unknown` if the principal is restricted to other markets. */
export function requireMarket({ markets }: Principal, market: string): void {
  if (markets && !markets.has(market)) throw ForeignFailure.market(market);
}

/** Throws `order.missing` if the principal is restricted to other markets than that of the order, or to another opening of a basket. */
export function requireOrder({ markets, basket }: Principal, order: Pick<Order, 'id' | 'market' | 'basket' | 'opening'>): void {
  const isOwn = basket === undefined || (basket.id === order.basket && basket.opening === order.opening);
  if ((markets && !markets.has(order.market)) || !isOwn) throw ForeignFailure.order(order.id);
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
