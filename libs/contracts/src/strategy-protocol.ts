import { z } from 'zod';
import { Precondition } from './precondition.ts';
import type { ReadonlyFields } from './protocol/immutable.ts';
import { documentOf, message } from './protocol/message.ts';
import { protocol } from './protocol/protocol.ts';
import {
  ConfigureStrategy, LoadSource, RolloutRequest, SimulateRequest, Strategy, StrategyAudit, StrategyList, StrategyName, StrategySimulation,
  StrategyValidation, StrategyVersion, StrategyVersions,
} from './strategy.ts';

/** A strategy of a chain; a list is of none, and a source names its own. */
export interface StrategyKey {
  readonly strategy?: string;
}

const key = ({ strategy = 'load' }: StrategyKey) => ({ market: 'all', actor: strategy });

/** One version of the strategy in the key. */
export const VersionMessage = z.object({ version: StrategyName });
export type VersionMessage = ReadonlyFields<z.infer<typeof VersionMessage>>;

export const RollOutStrategy = Precondition.extend({
  rollout: RolloutRequest,
  /** One revision, for and from processes that know no `ifMatch`. */
  ifRevision: z.int().optional(),
});
export type RollOutStrategy = ReadonlyFields<z.infer<typeof RollOutStrategy>>;

const READ = { repeatable: true, takesTurns: true } as const;

/** Strategies, as far as they need no sandbox. Any basket-manager answers, with or without healthy basket-servers. */
export const StrategyProtocol = protocol('strategy', { queue: 'strategy-manager', key }, {
  list: message('Lists all strategies.', { reply: documentOf(StrategyList), ...READ }),
  configure: message('Takes a configured built-in as a version.', { body: ConfigureStrategy, reply: documentOf(StrategyVersion, 'outcome') }),
  read: message('Reads which versions of the strategy are in force.', { reply: documentOf(Strategy, 'revision'), ...READ }),
  versions: message('Lists the versions of the strategy.', { reply: documentOf(StrategyVersions), ...READ }),
  rollOut: message('Puts a version in force, or takes the strategy out of force.', { body: RollOutStrategy, reply: documentOf(Strategy, 'revision') }),
  rollBack: message('Puts the version in force that was before.', { body: Precondition, reply: documentOf(Strategy, 'revision') }),
  audit: message('Lists what was done to the strategy.', { reply: documentOf(StrategyAudit), ...READ }),
  remove: message('Deletes a version that was never in force.', { body: VersionMessage }),
});

export const SimulateStrategy = SimulateRequest.safeExtend(VersionMessage.shape);
export type SimulateStrategy = z.infer<typeof SimulateStrategy>;

/** Strategies, as far as they need a sandbox or sold baskets. Any basket-server answers. */
export const SandboxProtocol = protocol('sandbox', { sharded: 'basket', key }, {
  load: message('Takes a source as a version.', { body: LoadSource, reply: documentOf(StrategyVersion, 'outcome'), anyone: true }),
  validate: message("Runs a version's own tests.", { body: VersionMessage, reply: documentOf(StrategyValidation), anyone: true }),
  simulate: message('Prices baskets by a version, and charges nothing.', {
    body: SimulateStrategy, reply: documentOf(StrategySimulation), repeatable: true, anyone: true,
  }),
});
