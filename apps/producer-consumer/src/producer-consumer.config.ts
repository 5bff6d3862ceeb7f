import { APP_CONTEXT, BaseConfig, LeaseConfig, type AppContext, type Token } from '@aisle/platform';
import { z } from 'zod';

export const ProducerConsumerConfig = BaseConfig.extend({
  /** The app role's: it reads and writes this app's schema, and changes no table. */
  DATABASE_URL: z.url(),
  ...LeaseConfig.shape,
  /** Consumers in this process at once; beyond it, starting another is refused. */
  CONSUMERS_LIVE_MAX: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
  /** Events a second that all pipelines of a process may be set to make: a million fill a tenth of a core. Same on every node. */
  PIPELINES_RATE_MAX: z.coerce.number().positive().default(1_000_000),
  /** Events that may be with their consumers at once: a million take some 20 MiB. Same on every node. */
  PIPELINES_EVENTS_MAX: z.coerce.number().int().min(1).default(1_000_000),
  /** Producers and consumers of all pipelines: each takes some KiB, and time to start. Same on every node. */
  PIPELINES_STAGES_MAX: z.coerce.number().int().min(1).default(500),
});

export type ProducerConsumerConfig = z.infer<typeof ProducerConsumerConfig>;

export const CONTEXT: Token<AppContext<ProducerConsumerConfig>> = APP_CONTEXT;
