import { ShutdownPlan } from '@aisle/std';
import { ConfigurableModuleBuilder, Global, Module } from '@nestjs/common';
import { FrameSender } from '../frame-sender.ts';
import { Requester, type RequesterOptions } from '../requester.ts';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<Omit<RequesterOptions, 'sender'>>().setClassMethodName('forRoot').build();

/** Provides the `Requester` by which an app sends requests to others, in all of its modules. */
@Global()
@Module({
  providers: [{
    provide: Requester,
    inject: [MODULE_OPTIONS_TOKEN, ShutdownPlan],
    useFactory: (options: Omit<RequesterOptions, 'sender'>, plan: ShutdownPlan) =>
      plan.register('requests', 'requester', new Requester({ ...options, sender: new FrameSender(options) })),
  }],
  exports: [Requester],
})
export class RequesterModule extends ConfigurableModuleClass {}
