import type { RuleSet } from '@aisle/pricing';
import type { Clock } from '@aisle/std';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { PriceReport } from './price-report.ts';
import { Pricer } from './pricer.ts';

/** Where the rules for a basket come from. */
export interface RulesSource {
  ruleSetFor(basketId: string): RuleSet;
}

/** The catalogue and the rules in force, and who is told of what they come to. */
export class Prices {
  constructor(
    private readonly rules: RulesSource,
    private readonly catalogue: Catalogue,
    private readonly clock: Clock,
    private readonly report?: PriceReport,
  ) {}

  /** The prices for one command, which sees no others. Throws `MarketUnknown`. */
  at({ tenant, market, actor = '' }: { tenant: string; market: string; actor?: string }): Pricer {
    const { catalogue, clock, report } = this;
    const rules = this.rules.ruleSetFor(actor);
    return Pricer.at({ tenant, market, actor }, { rules, catalogue, report }, clock);
  }
}
