import { Requester } from '@aisle/broker';
import { APP_CONTEXT, METRICS, RequestsModule, RUNTIME, provided, type AppContext } from '@aisle/platform';
import { Global, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { CommandClient } from './command-client.ts';

// Longer than the deadline of any command, so the cause is not a single basket.
const STUCK_MS = 8_000;

/** Provides the `CommandClient` to all modules. The app is not ready while commands are open and none is answered. */
@Global()
@Module({
  imports: [RequestsModule],
  providers: [provided(CommandClient, { broker: Requester, runtime: RUNTIME, metrics: METRICS })],
  exports: [CommandClient],
})
export class CommandsModule implements OnApplicationBootstrap {
  constructor(
    @Inject(CommandClient) private readonly commands: CommandClient,
    @Inject(APP_CONTEXT) private readonly context: Pick<AppContext<unknown>, 'health'>,
  ) {}

  onApplicationBootstrap(): void {
    this.context.health.check('progress', () => {
      const { unansweredMs } = this.commands;
      return unansweredMs > STUCK_MS ? `no command was answered for ${Math.round(unansweredMs)} ms` : undefined;
    });
  }
}
