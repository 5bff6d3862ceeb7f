import {
  isFulfilled, type Precondition, type RollOutStrategy, type SimulateRequest, type Strategy, type StrategyAudit, type StrategyList,
  type StrategySimulation, type StrategyValidation, type StrategyVersion, type StrategyVersions,
} from '@aisle/contracts';
import { simulate, type Change, type StrategyDesk, type StrategyRecord, type StrategyStore } from '@aisle/pricing/lifecycle';
import { emptyBasket, targetQuantities } from '../basket/basket.ts';
import type { Prices } from '../pricing/prices.ts';
import { operationsOf } from '../quote/quotes.ts';
import type { RecordedBaskets } from './recorded-baskets.ts';
import type { RulesInForce } from './rules-in-force.ts';
import { auditView, listView, simulationView, strategyView, versionView } from './strategy-view.ts';

export interface StrategiesOptions {
  readonly store: StrategyStore;
  readonly desk: StrategyDesk;
  readonly rules: RulesInForce;
  readonly recorded: Pick<RecordedBaskets, 'latest'>;
}

const AUDIT_MAX = 200;
const NO_REVISION = -1;

/** What may be done with strategies. What changes anything is in force here before it is answered. */
export class Strategies {
  private readonly options: StrategiesOptions;

  constructor(options: StrategiesOptions) {
    this.options = options;
  }

  async list(): Promise<StrategyList> {
    return listView(await this.options.store.read());
  }

  /** Throws `strategy.missing`. */
  async read(name: string): Promise<Strategy> {
    return strategyView(await this.options.desk.find(name));
  }

  async load(source: string, change: Change): Promise<StrategyVersion> {
    const { record, version, outcome } = await this.options.desk.load(source, change);
    return { ...versionView(record, version), outcome };
  }

  async versions(name: string): Promise<StrategyVersions> {
    const record = await this.options.desk.find(name, 'all');
    return { items: record.versions.map((version) => versionView(record, version)) };
  }

  async validate(name: string, version: string, change: Change): Promise<StrategyValidation> {
    const { passed, problems } = await this.options.desk.validate(name, version, change);
    return { passed, problems: [...problems] };
  }

  /** Prices baskets, made up or recorded, with the version active, and without. Throws `strategy.missing`, `ProductUnknown`. */
  async simulate(
    name: string, version: string, request: SimulateRequest, { tenant, prices }: { tenant: string; prices: Prices },
  ): Promise<StrategySimulation> {
    const { rules, recorded } = this.options;
    const { market, baskets } = request;
    const supposed = await rules.supposing(name, version);
    const pricer = prices.at({ tenant, market });
    const samples = baskets
      ? baskets.map(({ items }) => pricer.sample(targetQuantities(emptyBasket, operationsOf(items))))
      : await recorded.latest({ tenant, market: pricer.market }, request.recorded ?? 0);
    return simulationView(await simulate(rules.ruleSetFor(''), supposed, samples), pricer.market.currency);
  }

  rollOut(name: string, { rollout, ifRevision, ifMatch = ifRevision, ifNoneMatch }: RollOutStrategy, change: Change): Promise<Strategy> {
    return this.change(async (desk) => desk.rollOut(name, rollout, await this.under({ ifMatch, ifNoneMatch }, name, change)));
  }

  rollBack(name: string, precondition: Precondition, change: Change): Promise<Strategy> {
    return this.change(async (desk) => desk.rollBack(name, await this.under(precondition, name, change)));
  }

  /** The sandbox has given a version up: it goes out of force everywhere. */
  async retire(name: string, version: string, reason: string): Promise<void> {
    await this.change((desk) => desk.retire(name, version, reason, { by: 'sandbox' }));
  }

  async audit(name: string): Promise<StrategyAudit> {
    return auditView(await this.options.store.audit(name, AUDIT_MAX));
  }

  /** The desk knows of one revision, and of changes that were made before. What it is told here holds as long as that revision does. */
  private async under({ ifMatch, ifNoneMatch }: Precondition, name: string, change: Change): Promise<Change> {
    if (ifNoneMatch === undefined && (ifMatch === undefined || ifMatch === 'any')) return change;
    if (ifNoneMatch === undefined && typeof ifMatch === 'number') return { ...change, ifRevision: ifMatch };
    const { revision } = await this.options.desk.find(name);
    return { ...change, ifRevision: isFulfilled({ ifMatch, ifNoneMatch }, revision) ? revision : NO_REVISION };
  }

  private async change(apply: (desk: StrategyDesk) => Promise<StrategyRecord>): Promise<Strategy> {
    const record = await apply(this.options.desk);
    await this.options.rules.refresh();
    return strategyView(record);
  }
}
