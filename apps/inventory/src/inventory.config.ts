import { BaseConfig, InboxConfig, type AppContext } from '@aisle/platform';
import { z } from 'zod';

export const InventoryConfig = BaseConfig.extend({
  /** The app role's: it reads and writes this app's schema, and changes no table. */
  DATABASE_URL: z.url(),
  ...InboxConfig.shape,
  /** Connections for rows; relay, consumers and operators have six of their own. Each partition has one batch under way. */
  DATABASE_POOL_MAX: z.coerce.number().int().min(2).max(50).default(4),
});

export type InventoryContext = AppContext<z.infer<typeof InventoryConfig>>;

/** The app's own schema in its database. */
export function connectionOf({ config }: Pick<InventoryContext, 'config'>) {
  return { url: config.DATABASE_URL, schema: 'inventory', applicationName: config.INSTANCE };
}
