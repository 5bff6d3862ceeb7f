import type { RuleSet } from '@aisle/pricing';
import type { Clock } from '@aisle/std';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { Pricer } from './pricer.ts';

/** The catalogue and the rules in force. */
export class Prices {
  constructor(
    private readonly rules: RuleSet,
    private readonly catalogue: Catalogue,
    private readonly clock: Clock,
  ) {}

  /** The prices for one command, which sees no others. Throws `MarketUnknown`. */
  at({ tenant, market }: { tenant: string; market: string }): Pricer {
    const { rules, catalogue, clock } = this;
    return Pricer.at({ tenant, market }, { rules, catalogue }, clock);
  }
}
