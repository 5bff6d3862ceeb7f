import 'reflect-metadata';
import { runApp } from '@aisle/platform';
import { orders } from './orders.app.ts';

await runApp(orders);
