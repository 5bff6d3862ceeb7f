import 'reflect-metadata';
import { runApp } from '@aisle/platform';
import { inventory } from './inventory.app.ts';

await runApp(inventory);
