import { ShutdownPlan, uuidv7 } from '@aisle/std';
import { errorFields } from '@aisle/telemetry';
import { Global, Inject, Module, type BeforeApplicationShutdown, type DynamicModule, type Type } from '@nestjs/common';
import type { AppContext } from '../run-app.ts';
import { ServedQueue } from './served-queue.ts';

/** The token of an app's `AppContext`: its configuration, its logger, and what it reaches others by. */
export const APP_CONTEXT = Symbol('app context');

/** This start of this process; a restart is another incarnation. */
export class Incarnation {
  constructor(readonly id: string) {}
}

/** Provides what an app runs on, and stops its parts by the `ShutdownPlan` before any module closes what it holds. */
@Global()
@Module({})
export class PlatformModule implements BeforeApplicationShutdown {
  constructor(
    @Inject(APP_CONTEXT) private readonly context: Pick<AppContext<unknown>, 'logger'>,
    @Inject(ShutdownPlan) private readonly plan: ShutdownPlan,
  ) {}

  /** The whole app: `module`, with what it runs on. */
  static with(context: AppContext<unknown>, module: Type | DynamicModule): DynamicModule {
    return {
      module: PlatformModule,
      imports: [module],
      providers: [
        { provide: APP_CONTEXT, useValue: context },
        { provide: ShutdownPlan, useValue: new ShutdownPlan(context.runtime) },
        { provide: Incarnation, useValue: new Incarnation(uuidv7(context.runtime)) },
        ServedQueue,
      ],
      exports: [APP_CONTEXT, ShutdownPlan, Incarnation, ServedQueue],
    };
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const { part, error } of await this.plan.run()) {
      this.context.logger.error('part did not stop cleanly', { part, ...errorFields(error) });
    }
  }
}
