import { nestApp } from '@aisle/platform';
import { BasketManagerConfig } from './basket-manager.config.ts';
import { BasketManagerModule } from './basket-manager.module.ts';

/**
 * Assigns shards to basket-servers and market processes, and routes commands to the owners of their baskets or markets. Any number
 * of managers run side by side.
 *
 * A manager of baskets also changes which strategies are in force, because switching a script off must not need a healthy
 * basket-server.
 */
export const basketManager = nestApp({
  name: 'basket-manager',
  schema: 'basket',
  config: BasketManagerConfig,
  module: ({ SHARD_GROUPS }) => BasketManagerModule.serving(SHARD_GROUPS),
});
