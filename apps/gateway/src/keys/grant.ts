import { DEFAULT_TENANT, isMarketScope, type NewKey, type Principal, type Scope } from '@aisle/contracts';
import { KeyFailure } from './key-failures.ts';

/**
 * The tenant and the markets of a new key. Throws a `KeyFailure` if the creator may not give these rights, or if they do not fit
 * together.
 */
export function grantOf(
  creator: Principal, { scopes, markets, tenant = creator.tenant }: NewKey,
): { readonly tenant: string; readonly markets: readonly string[] | null } {
  if (tenant !== creator.tenant && creator.kind === 'key') throw KeyFailure.otherTenant();
  const missing = scopes.filter((scope) => !creator.scopes.has(scope));
  if (missing.length > 0) throw KeyFailure.exceedsCreator(missing, []);
  const ofChain = markets ? scopes.filter((scope) => !isMarketScope(scope)) : [];
  if (ofChain.length > 0) throw KeyFailure.notOfMarkets(ofChain);
  const ofDefault = tenant === DEFAULT_TENANT ? [] : scopes.filter(isOfDefaultTenant);
  if (ofDefault.length > 0) throw KeyFailure.notOfTenant(ofDefault);
  return { tenant, markets: markets ? [...new Set(markets)] : null };
}

/** Whether only the tenant `default` can have the scope. */
function isOfDefaultTenant(scope: Scope): boolean {
  return scope.startsWith('strategies:');
}
