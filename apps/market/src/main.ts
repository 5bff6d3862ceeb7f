import 'reflect-metadata';
import { runApp } from '@aisle/platform';
import { market } from './market.app.ts';

await runApp(market);
