import type { Precondition } from './precondition.ts';
import type { RolloutRequest } from './strategy.ts';

/** The message types of strategies. Any basket-server answers them; the actor in the header is the strategy's name. */
export const STRATEGY_MESSAGES = {
  list: 'strategy.list',
  load: 'strategy.load',
  read: 'strategy.read',
  versions: 'strategy.versions',
  validate: 'strategy.validate',
  simulate: 'strategy.simulate',
  rollOut: 'strategy.roll-out',
  rollBack: 'strategy.roll-back',
  audit: 'strategy.audit',
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
