import { BasketProtocol, type NewShopperToken, type ShopperToken } from '@aisle/contracts';
import { uuidv7, type Runtime } from '@aisle/std';
import type { CommandClient } from '../commands/command-client.ts';
import { requireMarket } from '../identity/authority.ts';
import type { Caller } from '../routes/caller.ts';
import { ShopperFailure } from './shopper-failures.ts';
import { signShopper } from './shopper-tokens.ts';
import type { ShopperKeys } from './shopper.config.ts';

/** The parts that `Shoppers` uses. */
export interface ShoppersOptions {
  readonly commands: Pick<CommandClient, 'reading'>;
  readonly runtime: Runtime;
  readonly keys: ShopperKeys | undefined;
}

/** Issues tokens for shoppers. */
export class Shoppers {
  constructor(private readonly options: ShoppersOptions) {}

  /**
   * Issues a token for the present opening of a basket, or for its first one if it does not exist. Throws `ShopperFailure.notIssued`,
   * `market.unknown` or `basket.merged`.
   */
  async issue({ market, basket, ttlSeconds }: NewShopperToken, caller: Caller): Promise<ShopperToken> {
    const { commands, runtime, keys } = this.options;
    const { principal: { tenant, kind, id: issuer } } = caller;
    requireMarket(caller.principal, market);
    if (keys === undefined) throw ShopperFailure.notIssued();
    const { opening } = await commands.reading(BasketProtocol, { market, basket }, caller).opening();
    const nowMs = runtime.clock.nowMs();
    const id = uuidv7(runtime).replaceAll('-', '');
    const grant = { id, tenant, market, basket, opening, ...(kind === 'key' ? { issuer } : {}) };
    const token = await signShopper(keys, grant, { nowMs, ttlS: ttlSeconds });
    return { id, token, market, basket, expiresAt: new Date(Math.floor(nowMs / 1_000) * 1_000 + ttlSeconds * 1_000).toISOString() };
  }
}
