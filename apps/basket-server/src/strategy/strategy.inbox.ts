import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import {
  SandboxProtocol, type LoadSource, type SimulateStrategy, type StrategySimulation, type StrategyValidation, type StrategyVersion,
  type VersionMessage,
} from '@aisle/contracts';
import type { Change } from '@aisle/pricing/lifecycle';
import { Prices } from '../pricing/prices.ts';
import { StrategyOperations } from './strategy-operations.ts';

/** The author of changes by a gateway that does not name the principal, as earlier versions do not. */
const UNNAMED = 'api';

/** Handles the messages about strategies that need a sandbox. The actor in the header is the strategy's name. */
@Controller()
export class StrategyInbox {
  constructor(
    @Inject(StrategyOperations) private readonly strategies: StrategyOperations,
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

/** The change with the command's id: the gateway repeats an unanswered command under the same id. */
function changeBy({ id, by }: BrokerContext['envelope']): Change {
  return { by: by || UNNAMED, id };
}
