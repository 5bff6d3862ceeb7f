import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import {
  StrategyProtocol, type ConfigureStrategy, type Precondition, type RollOutStrategy, type Strategy, type StrategyAudit, type StrategyList,
  type StrategyVersion, type StrategyVersions, type VersionMessage,
} from '@aisle/contracts';
import type { Change } from '@aisle/pricing/lifecycle';
import { StrategyOperations } from './strategy-operations.ts';

/** The author of changes by a gateway that does not name the principal, as earlier versions do not. */
const UNNAMED = 'api';

/** Handles the messages about strategies that need no sandbox. The actor in the header is the name of the strategy. */
@Controller()
export class StrategyInbox {
  constructor(@Inject(StrategyOperations) private readonly strategies: StrategyOperations) {}

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

/** The author and the id of a change. The gateway repeats a command without an answer under the same id. */
function changeBy({ id, by }: BrokerContext['envelope']): Change {
  return { by: by || UNNAMED, id };
}
