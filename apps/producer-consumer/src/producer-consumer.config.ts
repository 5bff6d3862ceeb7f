import { APP_CONTEXT, BaseConfig, LeaseConfig, type AppContext, type Token } from '@aisle/platform';
import { z } from 'zod';

export const ProducerConsumerConfig = BaseConfig.extend({
  /** The database and the app's role, which reads and writes rows of this app's schema and cannot change its tables. */
  DATABASE_URL: z.url(),
  ...LeaseConfig.shape,
  /** The most consumers of this process. Beyond it, starting another one is refused. */
  CONSUMERS_LIVE_MAX: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
  /**
   * The most events per second of all pipelines of a process, by their settings. A million take a tenth of a core. Same on every
   * node.
   */
  PIPELINES_RATE_MAX: z.coerce.number().positive().default(1_000_000),
  /** The most unacknowledged events of all pipelines of a process, by their settings. A million take about 20 MiB. Same on every node. */
  PIPELINES_EVENTS_MAX: z.coerce.number().int().min(1).default(1_000_000),
  /** The most producers and consumers of all pipelines of a process. Each takes some KiB, and time to start. Same on every node. */
  PIPELINES_STAGES_MAX: z.coerce.number().int().min(1).default(500),
});

export type ProducerConsumerConfig = z.infer<typeof ProducerConsumerConfig>;

export const CONTEXT: Token<AppContext<ProducerConsumerConfig>> = APP_CONTEXT;
