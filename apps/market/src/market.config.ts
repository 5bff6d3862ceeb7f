import { Currency } from '@aisle/contracts';
import { APP_CONTEXT, BaseConfig, JournalConfig, LeaseConfig, type AppContext, type Token } from '@aisle/platform';
import { z } from 'zod';

export const MarketConfig = BaseConfig.extend({
  /** The URL of the app's own role, which reads rows of this app, and writes only through the journal. */
  DATABASE_URL: z.url(),
  /** Connections that read rows: loads, lists and due rows. The journal has five more, the cluster two, and the relay one. */
  DATABASE_POOL_MAX: z.coerce.number().int().min(1).max(100).default(4),
  /** The longest wait of a query for a connection. After it the query fails, and its request may be repeated. A request has 5 s. */
  DATABASE_WAIT_MS: z.coerce.number().int().min(10).max(60_000).default(4_000),
  ...LeaseConfig.shape,
  ...JournalConfig.shape,
  /** The most markets in memory; above it, the least recently used leave. */
  MARKETS_LIVE_MAX: z.coerce.number().int().min(1).max(100_000).default(2_000),
  /** The memory that markets may take, approximately, in MiB; a product takes half a KiB. */
  MARKETS_LIVE_MIB_MAX: z.coerce.number().int().min(1).default(1_024),
  /** The idle time after which a market leaves memory; the next command loads it again. */
  MARKET_IDLE_MS: z.coerce.number().int().min(100).default(10 * 60_000),
  /** The currency of a market that is created by its first product. Same on every node. */
  DEFAULT_CURRENCY: Currency.default('GBP'),
  /** The number of available units at which a product of a new market is low. Same on every node. */
  DEFAULT_LOW_STOCK: z.coerce.number().int().min(0).default(5),
  /** The number of days before its expiry at which a lot of a new market is near expiry. Same on every node. */
  DEFAULT_NEAR_EXPIRY_DAYS: z.coerce.number().int().min(0).max(365).default(3),
  /** The interval at which lots are checked. They age by days. */
  LOTS_EVERY_MS: z.coerce.number().int().min(100).default(60_000),
});

export type MarketConfig = z.infer<typeof MarketConfig>;
export type MarketContext = AppContext<MarketConfig>;

export const CONTEXT: Token<MarketContext> = APP_CONTEXT;
