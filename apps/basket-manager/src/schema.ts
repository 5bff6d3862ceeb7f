import { managerRights } from '@aisle/cluster';
import type { ShardGroup } from '@aisle/contracts';
import type { AppSchema } from '@aisle/platform';
import { strategyRights } from '@aisle/pricing/postgres';

const APP = 'basket-manager';
const RIGHTS = { basket: [managerRights, strategyRights], market: [managerRights] };

/**
 * The rights of basket-manager in the schemas of the groups that it serves. basket-server and market create these schemas, so their
 * migrations have to run first.
 */
export function schemasOf(groups: readonly ShardGroup[]): readonly AppSchema[] {
  return groups.map((schema) => ({ schema, migrations: [], access: { app: APP, rights: RIGHTS[schema] } }));
}

/** The rights in the schemas of all groups. */
export const basketManagerSchemas = schemasOf(['basket', 'market']);
