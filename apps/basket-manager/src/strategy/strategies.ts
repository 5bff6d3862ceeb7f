import type {
  ConfigureStrategy, RollOutStrategy, Strategy, StrategyAudit, StrategyList, StrategyVersion, StrategyVersions,
} from '@aisle/contracts';
import {
  allVersionFacts, versionFacts, type BuiltInSetup, type Change, type StrategyRollout, type StrategyStore,
} from '@aisle/pricing/lifecycle';
import { auditView, listView, strategyView } from './strategy-view.ts';

const AUDIT_MAX = 200;

/**
 * The operations on strategies that need no sandbox. They need only the store: a script that hangs every basket-server
 * can be switched off here, and stays off when the servers return.
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
    // The built-in checks its parameters; validation checks the tests.
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
