import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { BrokerContext } from '@aisle/broker/nest';
import {
  STRATEGY_MESSAGES, type ConfigureStrategy, type RollBackStrategy, type RollOutStrategy, type Strategy, type StrategyAudit, type StrategyList,
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

  @MessagePattern(STRATEGY_MESSAGES.list)
  list(): Promise<StrategyList> {
    return this.strategies.list();
  }

  @MessagePattern(STRATEGY_MESSAGES.configure)
  configure(@Payload() setup: ConfigureStrategy, @Ctx() { envelope }: BrokerContext): Promise<StrategyVersion> {
    return this.strategies.configure(setup, changeBy(envelope));
  }

  @MessagePattern(STRATEGY_MESSAGES.read)
  read(@Payload() _body: unknown, @Ctx() { envelope }: BrokerContext): Promise<Strategy> {
    return this.strategies.read(envelope.actor);
  }

  @MessagePattern(STRATEGY_MESSAGES.versions)
  versions(@Payload() _body: unknown, @Ctx() { envelope }: BrokerContext): Promise<StrategyVersions> {
    return this.strategies.versions(envelope.actor);
  }

  @MessagePattern(STRATEGY_MESSAGES.rollOut)
  rollOut(@Payload() body: RollOutStrategy, @Ctx() { envelope }: BrokerContext): Promise<Strategy> {
    return this.strategies.rollOut(envelope.actor, body, changeBy(envelope));
  }

  @MessagePattern(STRATEGY_MESSAGES.rollBack)
  rollBack(@Payload() precondition: RollBackStrategy, @Ctx() { envelope }: BrokerContext): Promise<Strategy> {
    return this.strategies.rollBack(envelope.actor, precondition, changeBy(envelope));
  }

  @MessagePattern(STRATEGY_MESSAGES.remove)
  remove(@Payload() { version }: VersionMessage, @Ctx() { envelope }: BrokerContext): Promise<void> {
    return this.strategies.remove(envelope.actor, version, changeBy(envelope));
  }

  @MessagePattern(STRATEGY_MESSAGES.audit)
  audit(@Payload() _body: unknown, @Ctx() { envelope }: BrokerContext): Promise<StrategyAudit> {
    return this.strategies.audit(envelope.actor);
  }
}

/** The gateway sends a command again when it hears nothing; its id stays the same. */
function changeBy({ id }: BrokerContext['envelope']): Change {
  return { by: BY, id };
}
