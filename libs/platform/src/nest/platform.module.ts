import { ShutdownPlan, uuidv7, type Runtime } from '@aisle/std';
import {
  Global, Inject, Module, type BeforeApplicationShutdown, type DynamicModule, type OnApplicationBootstrap, type Type,
} from '@nestjs/common';
import type { AppContext } from '../run-app.ts';
import { errorFields, type Logger } from '../telemetry/logger.ts';
import type { Registry } from '../telemetry/metrics.ts';
import { token } from './provided.ts';
import { ServedQueue } from './served-queue.ts';

/** The token of the app's `AppContext`. */
export const APP_CONTEXT = token<AppContext<never>>('app context');
export const RUNTIME = token<Runtime>('runtime');
export const LOGGER = token<Logger>('logger');
export const METRICS = token<Registry>('metrics');
/** The token of the app's `AppConnection`. */
export const CONNECTION = token<AppConnection>('connection');

/** The app's own schema in its database. PostgreSQL shows the app's connections under `applicationName`. */
export interface AppConnection {
  readonly url: string;
  readonly schema: string;
  readonly applicationName: string;
}

/** One start of a process. A restart is another incarnation. */
export class Incarnation {
  constructor(readonly id: string, private readonly app = 'app') {}

  /** The name of a queue that only this incarnation reads. */
  get queue(): string {
    return `${this.app}-${this.id}`;
  }
}

/** The app's name, and its database schema if it has one. */
export interface PlatformOptions {
  readonly name: string;
  readonly schema?: string | undefined;
}

/**
 * Provides the app's context to all modules. The `ShutdownPlan` starts the parts before the `onApplicationBootstrap` of any other
 * module, and stops them before any module closes its resources.
 */
@Global()
@Module({})
export class PlatformModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(APP_CONTEXT) private readonly context: Pick<AppContext<unknown>, 'logger'>,
    @Inject(ShutdownPlan) private readonly plan: ShutdownPlan,
  ) {}

  /** The root module of the app: `module` and the app's context. */
  static with(context: AppContext<unknown>, module: Type | DynamicModule, { name, schema }: Partial<PlatformOptions> = {}): DynamicModule {
    const { runtime, logger, metrics } = context;
    const { DATABASE_URL: url, INSTANCE: applicationName } = context.config as Record<string, unknown>;
    const providers = [
      { provide: APP_CONTEXT, useValue: context },
      { provide: RUNTIME, useValue: runtime },
      { provide: LOGGER, useValue: logger },
      { provide: METRICS, useValue: metrics },
      { provide: ShutdownPlan, useValue: new ShutdownPlan(runtime) },
      { provide: Incarnation, useValue: new Incarnation(uuidv7(runtime), name) },
      ...(schema === undefined ? [] : [{ provide: CONNECTION, useValue: { url, schema, applicationName } }]),
    ];
    return {
      module: PlatformModule,
      imports: [module],
      providers: [...providers, ServedQueue],
      exports: [...providers.map(({ provide }) => provide), ServedQueue],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.plan.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const { part, error } of await this.plan.run()) {
      this.context.logger.error('part did not stop cleanly', { part, ...errorFields(error) });
    }
  }
}
