import { nestApp } from '@aisle/platform';
import { MarketConfig } from './market.config.ts';
import { MarketModule } from './market.module.ts';

/** Hosts markets: their products and their stock. Any number of servers run side by side, each with its share of the shards. */
export const market = nestApp({ name: 'market', schema: 'market', config: MarketConfig, module: () => MarketModule });
