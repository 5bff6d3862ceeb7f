import { handlers, object, serde, TerminalError, type ObjectContext, type ObjectSharedContext } from '@restatedev/restate-sdk';
import { AddItem } from '../add-item.ts';
import { isSold, priced } from '../typeorm-cart/prices.ts';

/** The whole state under one key, so that an add writes one entry. */
interface Held {
  readonly version: number;
  readonly quantities: Readonly<Record<string, number>>;
}

/** The key of an object is `{market}~{basket}`. */
export const basket = object({
  name: 'basket',
  handlers: {
    async add(ctx: ObjectContext, body: unknown): Promise<object> {
      const { data, error } = AddItem.safeParse(body);
      if (!data) throw new TerminalError(error.message, { errorCode: 400 });
      const { sku, quantity } = data;
      if (!isSold(sku)) throw new TerminalError('no such product', { errorCode: 422 });
      const { version, quantities } = await held(ctx);
      const next = { version: version + 1, quantities: { ...quantities, [sku]: (quantities[sku] ?? 0) + quantity } };
      ctx.set('held', next);
      return shown(ctx.key, next);
    },
    read: handlers.object.shared({ input: serde.empty, journalRetention: 0 }, async (ctx: ObjectSharedContext): Promise<object> =>
      shown(ctx.key, await held(ctx))),
  },
  // The journal of a finished call is of no use here. Its answer is kept for its idempotency key.
  options: { journalRetention: 0 },
});

async function held(ctx: ObjectSharedContext): Promise<Held> {
  return (await ctx.get<Held>('held')) ?? { version: 0, quantities: {} };
}

function shown(key: string, { version, quantities }: Held): object {
  const [market, id] = key.split('~');
  const lines = Object.entries(quantities).map(([sku, quantity]) => priced(sku, quantity));
  return {
    id,
    market,
    version,
    lines: lines.map(({ sku, name, quantity, unitPriceMinor, netMinor }) => ({
      sku, name, quantity, unitPrice: pounds(unitPriceMinor), net: pounds(netMinor),
    })),
    total: pounds(lines.reduce((sum, { netMinor }) => sum + netMinor, 0)),
  };
}

function pounds(amount: number): { amount: number; currency: string } {
  return { amount, currency: 'GBP' };
}
