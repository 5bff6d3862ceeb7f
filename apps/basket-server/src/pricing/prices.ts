import type { RuleSet } from '@aisle/pricing';
import type { Clock } from '@aisle/std';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { PriceReport } from './price-report.ts';
import { Pricer } from './pricer.ts';

/** Where the rules for a basket come from. */
export interface RulesSource {
  ruleSetFor(basketId: string): RuleSet;
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

  /** The prices for one command, which sees no others. Throws `MarketUnknown`. */
  at({ tenant, market, actor = '' }: { tenant: string; market: string; actor?: string }): Pricer {
    const { shelves: { catalogue }, clock, report } = this;
    const rules = this.rules.ruleSetFor(actor);
    return Pricer.at({ tenant, market, actor }, { rules, catalogue, report }, clock);
  }
}
