// Made from the package.json of each app by `npx nx sync`; do not edit.
import { basketManager } from '@aisle/basket-manager';
import { basketServer } from '@aisle/basket-server';
import { gateway } from '@aisle/gateway';
import { inventory } from '@aisle/inventory';
import { market } from '@aisle/market';
import { orders } from '@aisle/orders';
import { producerConsumer } from '@aisle/producer-consumer';

/** From the inside outwards, so that nothing takes a request before it can be answered. Stopped in the reverse order. */
export const APPS = [basketServer, market, basketManager, inventory, orders, producerConsumer, gateway];

export const config = gateway.config.extend({
  ...basketServer.config.shape,
  ...market.config.shape,
  ...basketManager.config.shape,
  ...inventory.config.shape,
  ...orders.config.shape,
  ...producerConsumer.config.shape,
});
