import { Module, type DynamicModule } from '@nestjs/common';
import { BasketsController } from './baskets/baskets.controller.ts';
import { CommandClient } from './commands/command-client.ts';
import { QuotesController } from './quotes/quotes.controller.ts';

@Module({})
export class GatewayModule {
  static with(commands: CommandClient): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [BasketsController, QuotesController],
      providers: [{ provide: CommandClient, useValue: commands }],
    };
  }
}
