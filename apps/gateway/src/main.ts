import 'reflect-metadata';
import { runApp } from '@aisle/platform';
import { gateway } from './gateway.app.ts';

await runApp(gateway);
