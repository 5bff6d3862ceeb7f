import 'reflect-metadata';
import { runApp } from '@aisle/platform';
import { basketManager } from './basket-manager.app.ts';

await runApp(basketManager);
