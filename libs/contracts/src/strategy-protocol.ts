import { z } from 'zod';
import { Precondition } from './precondition.ts';
import type { ReadonlyFields } from './protocol/immutable.ts';
import { documentOf, message } from './protocol/message.ts';
import { protocol } from './protocol/protocol.ts';
import {
  ConfigureStrategy, LoadSource, RolloutRequest, SimulateRequest, Strategy, StrategyAudit, StrategyList, StrategyName, StrategySimulation,
  StrategyValidation, StrategyVersion, StrategyVersions,
} from './strategy.ts';

/** The key of a strategy: its name. A list has no name, and a source states its own. */
export interface StrategyKey {
  readonly strategy?: string;
}

const key = ({ strategy = 'load' }: StrategyKey) => ({ market: 'all', actor: strategy });

/** The body of messages about one version of the strategy in the key. */
export const VersionMessage = z.object({ version: StrategyName });
export type VersionMessage = ReadonlyFields<z.infer<typeof VersionMessage>>;

/** The body of `strategy.roll-out`. */
export const RollOutStrategy = Precondition.extend({
  rollout: RolloutRequest,
  /** A single revision, for older processes that do not know `ifMatch`. */
  ifRevision: z.int().optional(),
});
export type RollOutStrategy = ReadonlyFields<z.infer<typeof RollOutStrategy>>;

const READ = { repeatable: true, takesTurns: true } as const;

/** The messages about strategies that need no sandbox. Any basket-manager answers, even without healthy basket-servers. */
export const StrategyProtocol = protocol('strategy', { queue: 'strategy-manager', key }, {
  list: message('Lists all strategies.', { reply: documentOf(StrategyList), ...READ }),
  configure: message('Adds a configured built-in as a version.', { body: ConfigureStrategy, reply: documentOf(StrategyVersion, 'outcome') }),
  read: message('Reads which versions of the strategy are in force.', { reply: documentOf(Strategy, 'revision'), ...READ }),
  versions: message('Lists the versions of the strategy.', { reply: documentOf(StrategyVersions), ...READ }),
  rollOut: message('Puts a version in force, or takes the strategy out of force.', { body: RollOutStrategy, reply: documentOf(Strategy, 'revision') }),
  rollBack: message('Puts the previous version in force again.', { body: Precondition, reply: documentOf(Strategy, 'revision') }),
  audit: message('Lists the changes of the strategy.', { reply: documentOf(StrategyAudit), ...READ }),
  remove: message('Deletes a version that has never been in force.', { body: VersionMessage }),
});

/** The body of `sandbox.simulate`. */
export const SimulateStrategy = SimulateRequest.safeExtend(VersionMessage.shape);
export type SimulateStrategy = z.infer<typeof SimulateStrategy>;

/** The messages about strategies that need a sandbox or sold baskets. Any basket-server answers. */
export const SandboxProtocol = protocol('sandbox', { sharded: 'basket', key }, {
  load: message('Adds a source as a version.', { body: LoadSource, reply: documentOf(StrategyVersion, 'outcome'), anyone: true }),
  validate: message("Runs a version's own tests.", { body: VersionMessage, reply: documentOf(StrategyValidation), anyone: true }),
  simulate: message('Prices baskets by a version, without charging anything.', {
    body: SimulateStrategy, reply: documentOf(StrategySimulation), repeatable: true, anyone: true,
  }),
});
