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

/** The declaration of a Nest app: name, configuration, module, and its database schema if it has one. */
export interface NestAppOptions<S extends typeof BaseConfig> extends PlatformOptions {
  readonly config: S;
  /** The app's module; its imports may depend on the configuration. */
  readonly module: (config: z.infer<S>) => Type | DynamicModule;
}

/** A Nest app that `runApp` runs. */
export interface NestAppDefinition<S extends typeof BaseConfig> extends AppDefinition<S> {
  /** The app's root module with its context. A test passes it to Nest's testing module. */
  root(context: AppContext<z.infer<S>>): DynamicModule;
  start(context: AppContext<z.infer<S>>): Promise<RunningNestApp>;
}

/** A started Nest app. */
export interface RunningNestApp extends RunningApp {
  /** Returns a provider of any module of the app. */
  get<T>(token: Token<T>): T;
}

/**
 * An app whose parts are Nest providers. Nest creates them and serves the queue of the app's `QueueModule`. The `ShutdownPlan`
 * starts and stops the parts; afterwards, modules close their pools.
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

/** Wraps a Nest application that has started. Its `stop` throws an `AggregateError` if a part did not stop cleanly. */
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
