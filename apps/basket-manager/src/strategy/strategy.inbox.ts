import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import {
  StrategyProtocol, type ConfigureStrategy, type Precondition, type RollOutStrategy, type Strategy, type StrategyAudit, type StrategyList,
  type StrategyVersion, type StrategyVersions, type VersionMessage,
} from '@aisle/contracts';
import type { Change } from '@aisle/pricing/lifecycle';
import { Strategies } from './strategies.ts';

// Until there are users, everything is done by one.
const BY = 'api';

/** The messages of strategies that need no sandbox; the actor in the header is the strategy's name. */
@Controller()
export class StrategyInbox {
  constructor(@Inject(Strategies) private readonly strategies: Strategies) {}

  @Handles(StrategyProtocol.list)
  list(): Promise<StrategyList> {
    return this.strategies.list();
  }

  @Handles(StrategyProtocol.configure)
  configure(setup: ConfigureStrategy, { envelope }: BrokerContext): Promise<StrategyVersion> {
    return this.strategies.configure(setup, changeBy(envelope));
  }

  @Handles(StrategyProtocol.read)
  read(_body: unknown, { envelope }: BrokerContext): Promise<Strategy> {
    return this.strategies.read(envelope.actor);
  }

  @Handles(StrategyProtocol.versions)
  versions(_body: unknown, { envelope }: BrokerContext): Promise<StrategyVersions> {
    return this.strategies.versions(envelope.actor);
  }

  @Handles(StrategyProtocol.rollOut)
  rollOut(body: RollOutStrategy, { envelope }: BrokerContext): Promise<Strategy> {
    return this.strategies.rollOut(envelope.actor, body, changeBy(envelope));
  }

  @Handles(StrategyProtocol.rollBack)
  rollBack(precondition: Precondition, { envelope }: BrokerContext): Promise<Strategy> {
    return this.strategies.rollBack(envelope.actor, precondition, changeBy(envelope));
  }

  @Handles(StrategyProtocol.remove)
  remove({ version }: VersionMessage, { envelope }: BrokerContext): Promise<void> {
    return this.strategies.remove(envelope.actor, version, changeBy(envelope));
  }

  @Handles(StrategyProtocol.audit)
  audit(_body: unknown, { envelope }: BrokerContext): Promise<StrategyAudit> {
    return this.strategies.audit(envelope.actor);
  }
}

/** The gateway sends a command again when it hears nothing; its id stays the same. */
function changeBy({ id }: BrokerContext['envelope']): Change {
  return { by: BY, id };
}
