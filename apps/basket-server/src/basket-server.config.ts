import { APP_CONTEXT, BaseConfig, JournalConfig, LeaseConfig, type AppContext, type Token } from '@aisle/platform';
import { z } from 'zod';

export const BasketServerConfig = BaseConfig.extend({
  /** The URL of the app's own role, which reads and writes rows of this app's schema, and alters no table. */
  DATABASE_URL: z.url(),
  ...LeaseConfig.shape,
  ...JournalConfig.shape,
  /** The most baskets in memory; above it, the least recently used leave. The default is half a million lines at ten per basket. */
  BASKETS_LIVE_MAX: z.coerce.number().int().min(1).max(1_000_000).default(50_000),
  /** The memory that baskets may take, approximately, in MiB. */
  BASKETS_LIVE_MIB_MAX: z.coerce.number().int().min(1).default(512),
  /** The idle time after which a basket leaves memory; the next command loads it again. */
  BASKET_IDLE_MS: z.coerce.number().int().min(100).default(5 * 60_000),
  /** For development: a folder of strategies. Each is put in force as soon as it is saved. */
  STRATEGIES_FOLDER: z.string().min(1).optional(),
  /** The time without a change after which a basket is emptied. Same on every node; seconds are for tests only. */
  ABANDONED_AFTER_MS: z.coerce.number().int().min(1_000).default(30 * 24 * 60 * 60 * 1_000),
});

export type BasketServerConfig = z.infer<typeof BasketServerConfig>;

export const CONTEXT: Token<AppContext<BasketServerConfig>> = APP_CONTEXT;
