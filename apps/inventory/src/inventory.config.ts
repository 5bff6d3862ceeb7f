import { BaseConfig, InboxConfig } from '@aisle/platform';
import { z } from 'zod';

export const InventoryConfig = BaseConfig.extend({
  /** The app role's: it reads and writes this app's schema, and changes no table. */
  DATABASE_URL: z.url(),
  ...InboxConfig.shape,
  /** Connections for rows; relay, consumers and operators have six of their own. Each partition has one batch under way. */
  DATABASE_POOL_MAX: z.coerce.number().int().min(2).max(50).default(4),
});
