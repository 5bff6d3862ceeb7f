import { BaseConfig, InboxConfig } from '@aisle/platform';
import { z } from 'zod';

export const InventoryConfig = BaseConfig.extend({
  /** The database and the app's role, which reads and writes rows of this app's schema and cannot change its tables. */
  DATABASE_URL: z.url(),
  ...InboxConfig.shape,
  /**
   * The most connections for rows. Relay, consumers and operators' views have six further ones. Each partition handles one batch
   * at a time.
   */
  DATABASE_POOL_MAX: z.coerce.number().int().min(2).max(50).default(4),
});
