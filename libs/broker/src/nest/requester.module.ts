import { ShutdownPlan } from '@aisle/std';
import { ConfigurableModuleBuilder, Global, Module } from '@nestjs/common';
import { Outbox } from '../outbox.ts';
import { Requester, type RequesterOptions } from '../requester.ts';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<Omit<RequesterOptions, 'outbox'>>().setClassMethodName('forRoot').build();

/** Provides the `Requester` by which an app asks others, everywhere in it. */
@Global()
@Module({
  providers: [{
    provide: Requester,
    inject: [MODULE_OPTIONS_TOKEN, ShutdownPlan],
    useFactory: (options: Omit<RequesterOptions, 'outbox'>, plan: ShutdownPlan) =>
      plan.register('requests', 'requester', new Requester({ ...options, outbox: new Outbox(options) })),
  }],
  exports: [Requester],
})
export class RequesterModule extends ConfigurableModuleClass {}
