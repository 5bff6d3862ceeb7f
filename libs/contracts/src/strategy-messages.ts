import type { Precondition } from './precondition.ts';
import type { RolloutRequest } from './strategy.ts';

/**
 * The message types of strategies that need no sandbox. Any basket-manager answers them, with or without healthy
 * basket-servers. The actor in the header is the strategy's name.
 */
export const STRATEGY_MESSAGES = {
  list: 'strategy.list',
  configure: 'strategy.configure',
  read: 'strategy.read',
  versions: 'strategy.versions',
  rollOut: 'strategy.roll-out',
  rollBack: 'strategy.roll-back',
  audit: 'strategy.audit',
  /** Carries a `VersionMessage`. */
  remove: 'strategy.remove',
} as const;

/** The message types of strategies that need a sandbox or sold baskets. Any basket-server answers them. */
export const SANDBOX_MESSAGES = {
  load: 'sandbox.load',
  validate: 'sandbox.validate',
  simulate: 'sandbox.simulate',
} as const;

/** What names one version of the strategy in the header. */
export interface VersionMessage {
  readonly version: string;
}

/** What `strategy.roll-out` carries. */
export interface RollOutStrategy extends Precondition {
  readonly rollout: RolloutRequest;
  /** One revision, for and from processes that know no `ifMatch`. */
  readonly ifRevision?: number;
}

/** What `strategy.roll-back` carries. */
export type RollBackStrategy = Precondition;
