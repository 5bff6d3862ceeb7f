import type { Patience, RuleSet } from '@aisle/pricing';
import type { Clock } from '@aisle/std';
import { MarketFailure } from '../basket/basket-failures.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { PriceReport } from './price-report.ts';
import { Pricer } from './pricer.ts';

/** Where the rules come from. */
export interface RulesSource {
  /** Those for one side of the canaries; without a key no canary applies. */
  ruleSetFor(canaryKey: string | undefined): RuleSet;
}

/** Where the catalogue comes from; a newer one is a new value. */
export interface CatalogueSource {
  readonly catalogue: Catalogue;
}

/** The catalogue and the rules in force, and who is told of what they come to. */
export class Prices {
  constructor(
    private readonly rules: RulesSource,
    private readonly shelves: CatalogueSource,
    private readonly clock: Clock,
    private readonly report?: PriceReport,
  ) {}

  /** The prices for one command, which sees no others. A basket's canary key is its id. Throws `MarketFailure.unknown`. */
  at({ tenant, market: id }: { tenant: string; market: string }, canaryKey?: string, patience?: Patience): Pricer {
    const { shelves: { catalogue }, clock, report } = this;
    const market = catalogue.market(tenant, id);
    if (!market) throw MarketFailure.unknown(id);
    return new Pricer({ rules: this.rules.ruleSetFor(canaryKey), market, nowMs: clock.nowMs(), patience, report });
  }
}
