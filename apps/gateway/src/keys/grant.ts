import type { NewKey, Principal } from '@aisle/contracts';
import { scopesWithin } from '../identity/authority.ts';
import { KeyFailure } from './key-failures.ts';

/** The rights of a new key that are not its scopes. */
interface Grant {
  readonly tenant: string;
  readonly markets: readonly string[] | null;
  readonly ratePerSecond: number | null;
}

/**
 * The tenant, the markets and the rate of a new key. Throws a `KeyFailure` if the creator may not give these rights, or if they do not
 * fit together. `usualRate` is the rate of a creator without one of its own.
 */
export function grantOf(
  creator: Principal, { scopes, markets, ratePerSecond = creator.ratePerSecond, tenant = creator.tenant }: NewKey, usualRate: number,
): Grant {
  if (tenant !== creator.tenant && !isRuler(creator)) throw KeyFailure.otherTenant();
  const exceeding = scopes.filter((scope) => !creator.scopes.has(scope));
  if (exceeding.length > 0) throw KeyFailure.exceedsCreator(exceeding);
  const rateMax = isRuler(creator) ? Infinity : (creator.ratePerSecond ?? usualRate);
  if (ratePerSecond !== undefined && ratePerSecond > rateMax) throw KeyFailure.rateExceedsCreator(rateMax);
  const fitting = new Set(scopesWithin(tenant, markets !== undefined, scopes));
  const unfit = scopes.filter((scope) => !fitting.has(scope));
  if (unfit.length > 0) throw KeyFailure.scopesUnfit(unfit);
  return { tenant, markets: markets ? [...new Set(markets)] : null, ratePerSecond: ratePerSecond ?? null };
}

/** Whether a principal manages the keys of all tenants. */
export function isRuler({ kind }: Principal): boolean {
  return kind === 'admin' || kind === 'anonymous';
}
