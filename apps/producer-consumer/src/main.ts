import 'reflect-metadata';
import { runApp } from '@aisle/platform';
import { liveProducerConsumer } from './live/live.app.ts';

await runApp(liveProducerConsumer);
