import { nestApp } from '@aisle/platform';
import { OrdersConfig } from './orders.config.ts';
import { OrdersModule } from './orders.module.ts';

/** Places orders, and follows each to its end. Any number of processes run side by side and share the work. */
export const orders = nestApp({ name: 'orders', schema: 'orders', config: OrdersConfig, module: () => OrdersModule });
