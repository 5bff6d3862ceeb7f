import { APP_CONTEXT, BaseConfig, JournalConfig, LeaseConfig, type AppContext, type Token } from '@aisle/platform';
import { z } from 'zod';

export const BasketServerConfig = BaseConfig.extend({
  /** The app role's: it reads and writes this app's schema, and changes no table. */
  DATABASE_URL: z.url(),
  ...LeaseConfig.shape,
  ...JournalConfig.shape,
  /** Baskets in memory at once; above it, those unused for longest go. Half a million lines at ten a basket. */
  BASKETS_LIVE_MAX: z.coerce.number().int().min(1).max(1_000_000).default(50_000),
  /** About the memory that they may take, in MiB. */
  BASKETS_LIVE_MIB_MAX: z.coerce.number().int().min(1).default(512),
  /** A basket unused for so long goes from memory; the next command brings it back. */
  BASKET_IDLE_MS: z.coerce.number().int().min(100).default(5 * 60_000),
  /** For development: a folder of strategies, of which each is in force as soon as it is saved. */
  STRATEGIES_FOLDER: z.string().min(1).optional(),
  /** A basket that nobody changed for so long is emptied. Same on every node; only tests want seconds. */
  ABANDONED_AFTER_MS: z.coerce.number().int().min(1_000).default(30 * 24 * 60 * 60 * 1_000),
});

export type BasketServerConfig = z.infer<typeof BasketServerConfig>;

export const CONTEXT: Token<AppContext<BasketServerConfig>> = APP_CONTEXT;
