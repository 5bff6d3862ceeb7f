import type {
  ConfigureStrategy, RollOutStrategy, Strategy, StrategyAudit, StrategyList, StrategyVersion, StrategyVersions,
} from '@aisle/contracts';
import {
  allVersionFacts, versionFacts, type BuiltInSetup, type Change, type StrategyRollout, type StrategyStore,
} from '@aisle/pricing/lifecycle';
import { auditView, listView, strategyView } from './strategy-view.ts';

const AUDIT_MAX = 200;

/**
 * What is done with strategies that takes no sandbox. It needs the store alone: a script that hangs every basket-server
 * is switched off here, and is off when they are back.
 */
export class Strategies {
  constructor(private readonly options: { readonly store: StrategyStore; readonly rollout: StrategyRollout }) {}

  async list(): Promise<StrategyList> {
    return listView(await this.options.store.list());
  }

  /** Throws `strategy.missing`. */
  async read(name: string): Promise<Strategy> {
    return strategyView(await this.options.rollout.find(name));
  }

  /** Throws `strategy.missing`. */
  async versions(name: string): Promise<StrategyVersions> {
    return { items: allVersionFacts(await this.options.rollout.find(name, 'all')) as StrategyVersions['items'] };
  }

  /** Throws `pricing.rules`, `strategy.version-taken`. */
  async configure(setup: ConfigureStrategy, change: Change): Promise<StrategyVersion> {
    // Parameters are read by the built-in, and tests when they are run.
    const { record, version, outcome } = await this.options.rollout.configure(setup as unknown as BuiltInSetup, change);
    return { ...versionFacts(record, version), outcome } as StrategyVersion;
  }

  /** Throws as `StrategyRollout.rollOut`. */
  async rollOut(name: string, { rollout, ifRevision }: RollOutStrategy, change: Change): Promise<Strategy> {
    const seen = ifRevision === undefined ? {} : { ifRevision };
    return strategyView(await this.options.rollout.rollOut(name, rollout, { ...change, ...seen }));
  }

  /** Throws `strategy.missing`, `strategy.nothing-before`. */
  async rollBack(name: string, change: Change): Promise<Strategy> {
    return strategyView(await this.options.rollout.rollBack(name, change));
  }

  async audit(name: string): Promise<StrategyAudit> {
    return auditView(await this.options.store.audit(name, AUDIT_MAX));
  }
}
