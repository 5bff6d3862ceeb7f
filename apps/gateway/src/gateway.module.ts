import { Module } from '@nestjs/common';
import { BasketsModule } from './baskets/baskets.module.ts';
import { CommandsModule } from './commands/commands.module.ts';
import { ConsumersModule } from './consumers/consumers.module.ts';
import { IdentityModule } from './identity/identity.module.ts';
import { MarketsModule } from './markets/markets.module.ts';
import { OrdersModule } from './orders/orders.module.ts';
import { PipelinesModule } from './pipelines/pipelines.module.ts';
import { QuotesModule } from './quotes/quotes.module.ts';
import { StrategiesModule } from './strategies/strategies.module.ts';

/** The modules of the gateway: one per resource, and the client that sends their commands. */
@Module({
  imports: [CommandsModule, IdentityModule, BasketsModule, ConsumersModule, MarketsModule, OrdersModule, PipelinesModule, QuotesModule, StrategiesModule],
})
export class GatewayModule {}
