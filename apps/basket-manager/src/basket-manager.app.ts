import { nestApp } from '@aisle/platform';
import { BasketManagerConfig } from './basket-manager.config.ts';
import { BasketManagerModule } from './basket-manager.module.ts';

/**
 * Gives basket-servers and market processes their shards, and routes commands to the owner of their basket or
 * market. A manager that serves baskets also changes which strategies are in force: switching a script off must not need a
 * healthy basket-server. Any number of managers run side by side.
 */
export const basketManager = nestApp({
  name: 'basket-manager',
  schema: 'basket',
  config: BasketManagerConfig,
  module: ({ SHARD_GROUPS }) => BasketManagerModule.serving(SHARD_GROUPS),
});
