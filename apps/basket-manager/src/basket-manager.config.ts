import { APP_CONTEXT, BaseConfig, LeaseConfig, type AppContext, type Token } from '@aisle/platform';
import { z } from 'zod';
import { ServedGroups } from './groups.config.ts';

export const BasketManagerConfig = BaseConfig.extend({
  /** The database and the app's role, which only has rights on the cluster tables and the strategy tables. */
  DATABASE_URL: z.url(),
  ...LeaseConfig.shape,
  ...ServedGroups.shape,
});

export type BasketManagerConfig = z.infer<typeof BasketManagerConfig>;

export const CONTEXT: Token<AppContext<BasketManagerConfig>> = APP_CONTEXT;
