import type { Patience, RuleSet } from '@aisle/pricing';
import type { Clock } from '@aisle/std';
import { MarketFailure } from '../basket/basket-failures.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { PriceReport } from './price-report.ts';
import { Pricer } from './pricer.ts';

/** A source of rules, such as `RulesFollower`. */
export interface RulesSource {
  /** The rules for a canary key; without a key no canary applies. */
  ruleSetFor(canaryKey: string | undefined): RuleSet;
}

/** A source of the catalogue. A newer catalogue is a new value. */
export interface CatalogueSource {
  readonly catalogue: Catalogue;
}

/** Creates pricers from the catalogue and the rules in force. */
export class Prices {
  constructor(
    private readonly rules: RulesSource,
    private readonly source: CatalogueSource,
    private readonly clock: Clock,
    private readonly report?: PriceReport,
  ) {}

  /** The prices for one command, at the present instant. A basket's canary key is its id. Throws `MarketFailure.unknown`. */
  at({ tenant, market: id }: { tenant: string; market: string }, canaryKey?: string, patience?: Patience): Pricer {
    const { source: { catalogue }, clock, report } = this;
    const market = catalogue.market(tenant, id);
    if (!market) throw MarketFailure.unknown(id);
    return new Pricer({ rules: this.rules.ruleSetFor(canaryKey), market, nowMs: clock.nowMs(), patience, report });
  }
}
