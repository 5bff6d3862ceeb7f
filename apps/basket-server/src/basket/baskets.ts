import { actorKey, type Batch } from '@aisle/contracts';
import type { RuleSet } from '@aisle/pricing';
import type { Clock } from '@aisle/std';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { BasketMissing } from './basket-failures.ts';
import { emptyBasket, evolve, targetQuantities, type Basket } from './basket.ts';
import { Pricer } from './pricer.ts';

/** Which basket, by tenant and market. */
export interface BasketAddress {
  readonly tenant: string;
  readonly market: string;
  readonly basket: string;
}

/** The baskets that live in this process. */
export class Baskets {
  private readonly baskets = new Map<string, Basket>();

  constructor(
    private readonly prices: { rules: RuleSet; catalogue: Catalogue },
    private readonly clock: Clock,
  ) {}

  /** Throws `BasketMissing` or `MarketUnknown`. */
  read(address: BasketAddress): { basket: Basket; pricer: Pricer } {
    const pricer = Pricer.at(address, this.prices, this.clock);
    const basket = this.baskets.get(keyOf(address));
    if (!basket) throw new BasketMissing(address.market, address.basket);
    return { basket, pricer };
  }

  /** Creates the basket, or gets it. */
  open(address: BasketAddress): { basket: Basket; pricer: Pricer; created: boolean } {
    const created = !this.baskets.has(keyOf(address));
    if (created) return { ...this.apply(address, []), created };
    return { ...this.read(address), created };
  }

  /** Applies operations, all or none. A basket that is not there is made by adding to it. */
  change(address: BasketAddress, operations: Batch): { basket: Basket; pricer: Pricer } {
    const makes = operations.some(({ op }) => op === 'add' || op === 'set');
    if (!makes) this.read(address);
    return this.apply(address, operations);
  }

  private apply(address: BasketAddress, operations: Batch): { basket: Basket; pricer: Pricer } {
    const pricer = Pricer.at(address, this.prices, this.clock);
    const before = this.baskets.get(keyOf(address)) ?? emptyBasket;
    const basket = evolve(before, pricer.change(before, targetQuantities(before, operations)));
    this.baskets.set(keyOf(address), basket);
    return { basket, pricer };
  }
}

function keyOf({ tenant, market, basket }: BasketAddress): string {
  return actorKey(tenant, market, basket);
}
