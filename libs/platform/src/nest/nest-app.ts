import { BrokerExceptionFilter } from '@aisle/broker/nest';
import { ShutdownPlan } from '@aisle/std';
import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { z } from 'zod';
import type { BaseConfig } from '../config.ts';
import { nestLogger } from '../nest-logger.ts';
import type { AppContext, AppDefinition, RunningApp } from '../run-app.ts';
import { PlatformModule, type PlatformOptions } from './platform.module.ts';
import type { Token } from './provided.ts';
import { ServedQueue } from './served-queue.ts';

/** The parts of a Nest app: its configuration, its schema in the database if it has one, and its module. */
export interface NestAppOptions<S extends typeof BaseConfig> extends PlatformOptions {
  readonly config: S;
  /** Made for a configuration where what it imports depends on that. */
  readonly module: (config: z.infer<S>) => Type | DynamicModule;
}

/** A Nest app, as a process runs it. */
export interface NestAppDefinition<S extends typeof BaseConfig> extends AppDefinition<S> {
  /** The app's module, with what it runs on; Nest's testing module takes it. */
  root(context: AppContext<z.infer<S>>): DynamicModule;
  start(context: AppContext<z.infer<S>>): Promise<RunningNestApp>;
}

/** A started Nest app. */
export interface RunningNestApp extends RunningApp {
  /** A provider of any of its modules. */
  get<T>(token: Token<T>): T;
}

/**
 * An app whose parts are providers of a module. Nest makes them and serves the queue of its `QueueModule`; the `ShutdownPlan`
 * starts and stops them, and then modules close their pools.
 */
export function nestApp<S extends typeof BaseConfig>({ config, module, ...named }: NestAppOptions<S>): NestAppDefinition<S> {
  const root = (context: AppContext<z.infer<S>>): DynamicModule => PlatformModule.with(context, module(context.config), named);
  return { name: named.name, config, root, start: (context) => start(context, root(context)) };
}

async function start(context: AppContext<unknown>, root: DynamicModule): Promise<RunningNestApp> {
  const app = await NestFactory.createMicroservice(root, {
    inject: [ServedQueue],
    useFactory: ({ strategy }: ServedQueue) => ({ strategy }),
    logger: nestLogger(context.logger),
    abortOnError: false,
  });
  app.useGlobalFilters(new BrokerExceptionFilter());
  await app.listen();
  return runningNestApp(app);
}

/** An application of Nest that has started, as an app of this process. */
export function runningNestApp(app: INestApplicationContext): RunningNestApp {
  return {
    stop: () => stop(app),
    get: <T>(token: Token<T>): T => app.get<T>(token, { strict: false }),
  };
}

async function stop(app: INestApplicationContext): Promise<void> {
  const plan = app.get(ShutdownPlan);
  await app.close();
  const faults = await plan.run();
  if (faults.length === 0) return;
  throw new AggregateError(faults.map(({ error }) => error), `not stopped cleanly: ${faults.map(({ part }) => part).join(', ')}`);
}
