import { APP_CONTEXT, BaseConfig, type AppContext, type Token } from '@aisle/platform';
import { z } from 'zod';

export const OrdersConfig = BaseConfig.extend({
  /** The URL of the app's own role, which reads and writes rows of this app's schema, and alters no table. */
  DATABASE_URL: z.url(),
  /** Connections for rows, shared by four partitions and three groups. Relay, consumer and operators have four others. */
  DATABASE_POOL_MAX: z.coerce.number().int().min(2).max(50).default(6),
  /** The time after which an undecided order is timed out, and uncommitted stock is released. */
  ORDER_TIMEOUT_MS: z.coerce.number().int().min(500).default(60_000),
  /** The longest wait for one answer of a market. A shard that moves is back within a second or two. */
  MARKET_ATTEMPT_MS: z.coerce.number().int().min(50).default(2_000),
  /** The longest wait for one answer of basket-server, to a price or to lines that are put back. Rules may be slow. */
  BASKET_ATTEMPT_MS: z.coerce.number().int().min(50).default(3_000),
  /** The time after which an unanswered step is requested again. It exceeds the attempts of one request together. */
  ORDER_RETRY_MS: z.coerce.number().int().min(100).default(15_000),
});

export type OrdersConfig = z.infer<typeof OrdersConfig>;

export const CONTEXT: Token<AppContext<OrdersConfig>> = APP_CONTEXT;
