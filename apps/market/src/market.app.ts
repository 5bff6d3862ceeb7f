import { nestApp } from '@aisle/platform';
import { MarketConfig } from './market.config.ts';
import { MarketModule } from './market.module.ts';

/** Hosts markets: what they sell and what there is of it. Any number of them run side by side, each with its share. */
export const market = nestApp({ name: 'market', schema: 'market', config: MarketConfig, module: () => MarketModule });
