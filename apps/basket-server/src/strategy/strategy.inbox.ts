import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import {
  SandboxProtocol, type LoadSource, type SimulateStrategy, type StrategySimulation, type StrategyValidation, type StrategyVersion,
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

  @Handles(SandboxProtocol.load)
  load({ source }: LoadSource, { envelope }: BrokerContext): Promise<StrategyVersion> {
    return this.strategies.load(source, changeBy(envelope));
  }

  @Handles(SandboxProtocol.validate)
  validate({ version }: VersionMessage, { envelope }: BrokerContext): Promise<StrategyValidation> {
    return this.strategies.validate(envelope.actor, version, changeBy(envelope));
  }

  @Handles(SandboxProtocol.simulate)
  simulate(
    { version, ...request }: SimulateStrategy,
    { envelope: { actor, tenant } }: BrokerContext,
  ): Promise<StrategySimulation> {
    return this.strategies.simulate(actor, version, request, { tenant, prices: this.prices });
  }
}

/** The gateway sends a command again when it hears nothing; its id stays the same. */
function changeBy({ id }: BrokerContext['envelope']): Change {
  return { by: BY, id };
}
