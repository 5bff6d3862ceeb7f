import { ShutdownPlan } from '@aisle/std';
import { Inject, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { z } from 'zod';
import type { HttpConfig } from '../config.ts';
import type { AppContext } from '../run-app.ts';
import { APP_CONTEXT } from './platform.module.ts';

/** Longer than a process has to stop, because a drain has time limits of its own. */
const WITHIN_MS = 60_000;

/** Drains the app's HTTP server in the shutdown phase `servers`: requests are answered before any part stops that they may need. */
@Module({})
export class HttpServerModule {
  constructor(
    @Inject(ShutdownPlan) plan: ShutdownPlan,
    @Inject(HttpAdapterHost) host: HttpAdapterHost<FastifyAdapter>,
    @Inject(APP_CONTEXT) { config, logger }: AppContext<z.infer<typeof HttpConfig>>,
  ) {
    const drain = async (): Promise<void> => {
      const cut = await host.httpAdapter.getInstance().connections.drain({ listenMs: config.DRAIN_MS });
      if (cut > 0) logger.warn('requests cut off', { count: cut });
    };
    plan.add({ phase: 'servers', name: 'http server', stop: drain, withinMs: WITHIN_MS });
  }
}
