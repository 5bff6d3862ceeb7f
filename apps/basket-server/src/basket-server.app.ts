import { nestApp } from '@aisle/platform';
import { BasketServerConfig } from './basket-server.config.ts';
import { BasketServerModule } from './basket-server.module.ts';

/** Hosts baskets. Any number of servers run side by side, each with its share of the shards. */
export const basketServer = nestApp({ name: 'basket-server', schema: 'basket', config: BasketServerConfig, module: () => BasketServerModule });
