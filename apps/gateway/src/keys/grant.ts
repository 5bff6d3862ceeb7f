import type { NewKey, Principal } from '@aisle/contracts';
import { scopesWithin } from '../identity/authority.ts';
import { KeyFailure } from './key-failures.ts';

/**
 * The tenant and the markets of a new key. Throws a `KeyFailure` if the creator may not give these rights, or if they do not fit
 * together.
 */
export function grantOf(
  creator: Principal, { scopes, markets, tenant = creator.tenant }: NewKey,
): { readonly tenant: string; readonly markets: readonly string[] | null } {
  if (tenant !== creator.tenant && !isRuler(creator)) throw KeyFailure.otherTenant();
  const exceeding = scopes.filter((scope) => !creator.scopes.has(scope));
  if (exceeding.length > 0) throw KeyFailure.exceedsCreator(exceeding);
  const fitting = new Set(scopesWithin(tenant, markets !== undefined, scopes));
  const unfit = scopes.filter((scope) => !fitting.has(scope));
  if (unfit.length > 0) throw KeyFailure.scopesUnfit(unfit);
  return { tenant, markets: markets ? [...new Set(markets)] : null };
}

/** Whether a principal manages the keys of all tenants. */
export function isRuler({ kind }: Principal): boolean {
  return kind === 'admin' || kind === 'anonymous';
}
