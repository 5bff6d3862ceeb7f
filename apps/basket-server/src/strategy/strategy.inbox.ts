import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { BrokerContext } from '@aisle/broker/nest';
import {
  SANDBOX_MESSAGES, type LoadSource, type SimulateRequest, type StrategySimulation, type StrategyValidation, type StrategyVersion,
  type VersionMessage,
} from '@aisle/contracts';
import type { Change } from '@aisle/pricing/lifecycle';
import { Prices } from '../pricing/prices.ts';
import { Strategies } from './strategies.ts';

// Until there are users, everything is done by one.
const BY = 'api';

/** The messages of strategies that need a sandbox; the actor in the header is the strategy's name. */
@Controller()
export class StrategyInbox {
  constructor(
    @Inject(Strategies) private readonly strategies: Strategies,
    @Inject(Prices) private readonly prices: Prices,
  ) {}

  @MessagePattern(SANDBOX_MESSAGES.load)
  load(@Payload() { source }: LoadSource, @Ctx() { envelope }: BrokerContext): Promise<StrategyVersion> {
    return this.strategies.load(source, changeBy(envelope));
  }

  @MessagePattern(SANDBOX_MESSAGES.validate)
  validate(@Payload() { version }: VersionMessage, @Ctx() { envelope }: BrokerContext): Promise<StrategyValidation> {
    return this.strategies.validate(envelope.actor, version, changeBy(envelope));
  }

  @MessagePattern(SANDBOX_MESSAGES.simulate)
  simulate(
    @Payload() { version, ...request }: SimulateRequest & VersionMessage,
    @Ctx() { envelope: { actor, tenant } }: BrokerContext,
  ): Promise<StrategySimulation> {
    return this.strategies.simulate(actor, version, request, { tenant, prices: this.prices });
  }
}

/** The gateway sends a command again when it hears nothing; its id stays the same. */
function changeBy({ id }: BrokerContext['envelope']): Change {
  return { by: BY, id };
}
