import { APP_CONTEXT, BaseConfig, type AppContext, type Token } from '@aisle/platform';
import { z } from 'zod';

export const OrdersConfig = BaseConfig.extend({
  /** The app role's: it reads and writes this app's schema, and changes no table. */
  DATABASE_URL: z.url(),
  /** Connections for rows; relay, consumer and operators have four of their own. Four partitions and three groups share them. */
  DATABASE_POOL_MAX: z.coerce.number().int().min(2).max(50).default(6),
  /** An order that is not decided by then is timed out, and stock that is not committed by then goes back. */
  ORDER_TIMEOUT_MS: z.coerce.number().int().min(500).default(60_000),
  /** An answer of the market that takes longer is lost; a shard that moves is back within a second or two. */
  MARKET_ATTEMPT_MS: z.coerce.number().int().min(50).default(2_000),
  /** An answer of basket-server to what an order costs, or to what it gives back, that takes longer is lost. Rules may be slow. */
  BASKET_ATTEMPT_MS: z.coerce.number().int().min(50).default(3_000),
  /** After so long without an answer a step is asked for again. Longer than all attempts of one ask. */
  ORDER_RETRY_MS: z.coerce.number().int().min(100).default(15_000),
});

export type OrdersConfig = z.infer<typeof OrdersConfig>;

export const CONTEXT: Token<AppContext<OrdersConfig>> = APP_CONTEXT;
