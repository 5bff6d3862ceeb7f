import { BrokerExceptionFilter } from '@aisle/broker/nest';
import { ShutdownPlan } from '@aisle/std';
import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { z } from 'zod';
import type { BaseConfig } from '../config.ts';
import { nestLogger } from '../nest-logger.ts';
import type { AppContext, AppDefinition, RunningApp } from '../run-app.ts';
import { PlatformModule } from './platform.module.ts';
import { ServedQueue } from './served-queue.ts';

/** What makes a Nest app: its configuration, and its module. */
export interface NestAppOptions<S extends typeof BaseConfig> {
  readonly name: string;
  readonly config: S;
  /** Made for a configuration where what it imports depends on that. */
  readonly module: (config: z.infer<S>) => Type | DynamicModule;
}

/**
 * An app whose parts are providers of a module. Nest makes and starts them, and serves the queue of its `QueueModule`. On the way
 * down the `ShutdownPlan` stops them, and then modules close their pools.
 */
export function nestApp<S extends typeof BaseConfig>({ name, config, module }: NestAppOptions<S>): AppDefinition<S> {
  return { name, config, start: (context) => start(context, module(context.config)) };
}

async function start(context: AppContext<unknown>, module: Type | DynamicModule): Promise<RunningApp> {
  const app = await NestFactory.createMicroservice(PlatformModule.with(context, module), {
    inject: [ServedQueue],
    useFactory: ({ strategy }: ServedQueue) => ({ strategy }),
    logger: nestLogger(context.logger),
    abortOnError: false,
  });
  app.useGlobalFilters(new BrokerExceptionFilter());
  await app.listen();
  return { stop: () => stop(app) };
}

async function stop(app: INestApplicationContext): Promise<void> {
  const plan = app.get(ShutdownPlan);
  await app.close();
  const faults = await plan.run();
  if (faults.length === 0) return;
  throw new AggregateError(faults.map(({ error }) => error), `not stopped cleanly: ${faults.map(({ part }) => part).join(', ')}`);
}
