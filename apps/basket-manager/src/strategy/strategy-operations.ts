import {
  isFulfilled, type ConfigureStrategy, type Precondition, type RollOutStrategy, type Strategy, type StrategyAudit, type StrategyList,
  type StrategyVersion, type StrategyVersions,
} from '@aisle/contracts';
import {
  allVersionFacts, versionFacts, type BuiltInSetup, type Change, type StrategyRollout, type StrategyStore,
} from '@aisle/pricing/lifecycle';
import { auditView, listView, strategyView } from './strategy-view.ts';

const AUDIT_MAX = 200;
/** A revision that no strategy has. */
const NO_REVISION = -1;

/**
 * The operations on strategies that need no sandbox, but only the store. So a script that hangs every basket-server can be switched
 * off here, and stays off when the servers return.
 */
export class StrategyOperations {
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
    // The built-in checks its parameters, and validation runs the tests.
    const { record, version, outcome } = await this.options.rollout.configure(setup as unknown as BuiltInSetup, change);
    return { ...versionFacts(record, version), outcome } as StrategyVersion;
  }

  /** Throws the failures of `StrategyRollout.rollOut`. */
  async rollOut(name: string, { rollout, ifRevision, ifMatch = ifRevision, ifNoneMatch }: RollOutStrategy, change: Change): Promise<Strategy> {
    return strategyView(await this.options.rollout.rollOut(name, rollout, await this.conditional({ ifMatch, ifNoneMatch }, name, change)));
  }

  /** Throws `strategy.missing`, `strategy.nothing-before`, `strategy.changed`. */
  async rollBack(name: string, precondition: Precondition, change: Change): Promise<Strategy> {
    return strategyView(await this.options.rollout.rollBack(name, await this.conditional(precondition, name, change)));
  }

  /** Throws the failures of `StrategyRollout.remove`. */
  remove(name: string, version: string, change: Change): Promise<void> {
    return this.options.rollout.remove(name, version, change);
  }

  async audit(name: string): Promise<StrategyAudit> {
    return auditView(await this.options.store.audit(name, AUDIT_MAX));
  }

  /**
   * Adds the precondition to a change as a single revision. A condition on several revisions is evaluated here against the current
   * one, so the change is bound to that revision.
   */
  private async conditional({ ifMatch, ifNoneMatch }: Precondition, name: string, change: Change): Promise<Change> {
    if (ifNoneMatch === undefined && (ifMatch === undefined || ifMatch === 'any')) return change;
    if (ifNoneMatch === undefined && typeof ifMatch === 'number') return { ...change, ifRevision: ifMatch };
    const { revision } = await this.options.rollout.find(name);
    return { ...change, ifRevision: isFulfilled({ ifMatch, ifNoneMatch }, revision) ? revision : NO_REVISION };
  }
}
