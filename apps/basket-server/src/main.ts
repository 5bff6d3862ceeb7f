import 'reflect-metadata';
import { runApp } from '@aisle/platform';
import { basketServer } from './basket-server.app.ts';

await runApp(basketServer);
