import type { RuleSet } from '@aisle/pricing';
import type { Clock } from '@aisle/std';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { Pricer } from './pricer.ts';

/** Where the rules for a basket come from. */
export interface RulesSource {
  ruleSetFor(basketId: string): RuleSet;
}

/** The catalogue and the rules in force. */
export class Prices {
  constructor(
    private readonly rules: RulesSource,
    private readonly catalogue: Catalogue,
    private readonly clock: Clock,
  ) {}

  /** The prices for one command, which sees no others. Throws `MarketUnknown`. */
  at({ tenant, market, actor = '' }: { tenant: string; market: string; actor?: string }): Pricer {
    const { catalogue, clock } = this;
    const rules = this.rules.ruleSetFor(actor);
    return Pricer.at({ tenant, market }, { rules, catalogue }, clock);
  }
}
