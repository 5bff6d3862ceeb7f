import 'reflect-metadata';
import { runApp } from '@aisle/platform';
import { producerConsumer } from './producer-consumer.app.ts';

await runApp(producerConsumer);
