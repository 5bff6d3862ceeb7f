import { Currency } from '@aisle/contracts';
import { APP_CONTEXT, BaseConfig, JournalConfig, LeaseConfig, type AppContext, type Token } from '@aisle/platform';
import { z } from 'zod';

export const MarketConfig = BaseConfig.extend({
  /** The app role's: it reads this app's rows, and writes only through the journal. */
  DATABASE_URL: z.url(),
  /** Connections that read rows: loads, lists and what is due. The journal has five more, the cluster two, the relay one. */
  DATABASE_POOL_MAX: z.coerce.number().int().min(1).max(100).default(4),
  /** A query that waits longer for a connection fails, and its request may come again. 4 s: a request has five. */
  DATABASE_WAIT_MS: z.coerce.number().int().min(10).max(60_000).default(4_000),
  ...LeaseConfig.shape,
  ...JournalConfig.shape,
  /** Markets in memory at once; above it, those unused for longest go. */
  MARKETS_LIVE_MAX: z.coerce.number().int().min(1).max(100_000).default(2_000),
  /** About the memory that they may take, in MiB: a product takes half a KiB. */
  MARKETS_LIVE_MIB_MAX: z.coerce.number().int().min(1).default(1_024),
  /** A market unused for so long goes from memory; the next command brings it back. */
  MARKET_IDLE_MS: z.coerce.number().int().min(100).default(10 * 60_000),
  /** The currency of a market that its first product makes. Same on every node. */
  DEFAULT_CURRENCY: Currency.default('GBP'),
  /** Available units at which a product of a new market is low. Same on every node. */
  DEFAULT_LOW_STOCK: z.coerce.number().int().min(0).default(5),
  /** Days before its last one from which a lot of a new market is near it. Same on every node. */
  DEFAULT_NEAR_EXPIRY_DAYS: z.coerce.number().int().min(0).max(365).default(3),
  /** How often lots are looked at: they age by days. */
  LOTS_EVERY_MS: z.coerce.number().int().min(100).default(60_000),
});

export type MarketConfig = z.infer<typeof MarketConfig>;
export type MarketContext = AppContext<MarketConfig>;

export const CONTEXT: Token<MarketContext> = APP_CONTEXT;
