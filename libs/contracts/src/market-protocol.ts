import { z } from 'zod';
import { Sku } from './basket.ts';
import { Instant } from './calendar.ts';
import { DocumentReply, FailureFactsSchema, ReadPage, StockLine } from './document-reply.ts';
import { MARKET_LIMITS, MarketEdit, NewProduct, ProductChange, ProductEdit, StockAdjustment, StockStanding } from './market.ts';
import { Precondition } from './precondition.ts';
import type { ReadonlyFields } from './protocol/immutable.ts';
import { message } from './protocol/message.ts';
import { protocol } from './protocol/protocol.ts';
import { Text } from './text.ts';

/** A market: one actor. */
export interface MarketKey {
  readonly market: string;
}

/** A market is its own actor. The protocols of what it sells and what there is of it are about the same one. */
const MARKET = { sharded: 'market', key: ({ market }: MarketKey) => ({ market, actor: market }) } as const;

/** They are read from rows, which any process of the group has. */
const LIST = { reply: DocumentReply, repeatable: true, anyone: true, takesTurns: true } as const;

export const ConfigureMarket = Precondition.extend({ edit: MarketEdit });
export type ConfigureMarket = ReadonlyFields<z.infer<typeof ConfigureMarket>>;

/** Markets as a whole. */
export const MarketProtocol = protocol('market', MARKET, {
  list: message('Lists all markets, whichever the key names.', { body: ReadPage, ...LIST }),
  read: message('Reads the market.', { reply: DocumentReply, repeatable: true }),
  configure: message('Makes the market, or changes its settings.', { body: ConfigureMarket, reply: DocumentReply }),
});

export const ReadProducts = ReadPage.extend({ category: Text.optional() });
export type ReadProducts = ReadonlyFields<z.infer<typeof ReadProducts>>;

export const ReadProduct = z.object({ sku: Text });
export type ReadProduct = ReadonlyFields<z.infer<typeof ReadProduct>>;

export const CreateProduct = Precondition.extend({ sku: Sku.optional(), product: ProductEdit });
export type CreateProduct = ReadonlyFields<z.infer<typeof CreateProduct>>;

/** Without `ifMatch`, only a product that is not there yet is made. */
export const ReplaceProduct = Precondition.extend({ sku: Sku, product: ProductEdit });
export type ReplaceProduct = ReadonlyFields<z.infer<typeof ReplaceProduct>>;

export const ChangeProduct = Precondition.extend({ sku: Text, change: ProductChange });
export type ChangeProduct = ReadonlyFields<z.infer<typeof ChangeProduct>>;

export const DeleteProduct = Precondition.extend({ sku: Text });
export type DeleteProduct = ReadonlyFields<z.infer<typeof DeleteProduct>>;

/** A line of `POST …/products:import`, with its number in the body, from 1. */
export const ImportLine = NewProduct.extend({ line: z.int().min(1) });
export type ImportLine = ReadonlyFields<z.infer<typeof ImportLine>>;

/** Some lines of an import, each taken or refused by itself. */
export const ImportProducts = z.object({ lines: z.array(ImportLine).max(MARKET_LIMITS.importLines) });
export type ImportProducts = ReadonlyFields<z.infer<typeof ImportProducts>>;

export const ImportReply = z.object({
  created: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  rejected: z.array(FailureFactsSchema.extend({ line: z.int(), sku: Text })),
});
export type ImportReply = ReadonlyFields<z.infer<typeof ImportReply>>;

/** What a market sells. */
export const ProductProtocol = protocol('product', MARKET, {
  list: message('Lists products by SKU.', { body: ReadProducts, ...LIST }),
  read: message('Reads a product.', { body: ReadProduct, reply: DocumentReply, repeatable: true }),
  create: message('Takes a product, which gets a SKU when it has none.', { body: CreateProduct, reply: DocumentReply }),
  replace: message('Makes a product, or replaces it.', { body: ReplaceProduct, reply: DocumentReply }),
  change: message('Changes some fields of a product.', { body: ChangeProduct, reply: DocumentReply }),
  delete: message('Takes a product out of the range.', { body: DeleteProduct, reply: DocumentReply }),
  import: message('Takes some lines of an import.', { body: ImportProducts, reply: ImportReply }),
});

/** Several lines of one product are summed before they are checked. */
export const ReserveStock = z.object({
  orderId: Text,
  lines: z.array(StockLine),
  /** Uncommitted by then, the stock goes back. */
  expiresAt: Instant,
  /** Takes what there is; without it, all or nothing. */
  allowPartial: z.boolean(),
});
export type ReserveStock = ReadonlyFields<z.infer<typeof ReserveStock>>;

/** Why an order gets no stock. `released`: it was let go before it was reserved. */
export const StockRefusal = z.enum(['out_of_stock', 'expired', 'released']);
export type StockRefusal = z.infer<typeof StockRefusal>;

/** A line as it was asked for, whatever its texts are. */
const AnsweredLine = StockLine.extend({ sku: z.string() });

/** A refusal is recorded, and final. */
export const ReserveReply = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('reserved'), lines: z.array(AnsweredLine), missing: z.array(AnsweredLine) }),
  z.object({ outcome: z.literal('rejected'), reason: StockRefusal, missing: z.array(AnsweredLine) }),
]);
export type ReserveReply = ReadonlyFields<z.infer<typeof ReserveReply>>;

export const OrderStock = z.object({ orderId: Text });
export type OrderStock = ReadonlyFields<z.infer<typeof OrderStock>>;

/** Why the stock goes back. A timeout leaves alone what is committed. */
export const ReleaseStock = OrderStock.extend({ reason: z.enum(['cancelled', 'timeout']) });
export type ReleaseStock = ReadonlyFields<z.infer<typeof ReleaseStock>>;

/**
 * How the order stands with the market by now, which says whether it was done. An order that the market does not know is
 * `released` by a release, and stays so.
 */
export const StockReply = z.object({
  standing: StockStanding,
  /** Why it was released or rejected. */
  reason: z.enum([...StockRefusal.options, 'cancelled', 'timeout']).optional(),
});
export type StockReply = ReadonlyFields<z.infer<typeof StockReply>>;

export const AdjustStock = Precondition.extend({ sku: Text, adjustment: StockAdjustment });
export type AdjustStock = ReadonlyFields<z.infer<typeof AdjustStock>>;

export const ReadMovements = ReadPage.extend({ sku: Text.optional() });
export type ReadMovements = ReadonlyFields<z.infer<typeof ReadMovements>>;

export const ReadReservations = ReadPage.extend({ standing: StockStanding.optional() });
export type ReadReservations = ReadonlyFields<z.infer<typeof ReadReservations>>;

export const ExpireOrders = z.object({ orderIds: z.array(Text) });
export type ExpireOrders = ReadonlyFields<z.infer<typeof ExpireOrders>>;

export const AgeLots = z.object({ lots: z.array(z.object({ sku: Text, lot: Text })) });
export type AgeLots = ReadonlyFields<z.infer<typeof AgeLots>>;

/**
 * What there is of a market's products, and what orders have of it. What an order asks is idempotent by order id, for good: a
 * market keeps for every order none → reserved → committed → fulfilled, or released, and answers a repetition alike.
 */
export const StockProtocol = protocol('stock', MARKET, {
  reserve: message('Reserves the stock of an order.', { body: ReserveStock, reply: ReserveReply }),
  commit: message('Commits what was reserved for an order.', { body: OrderStock, reply: StockReply }),
  release: message('Gives the stock of an order back.', { body: ReleaseStock, reply: StockReply }),
  fulfil: message('Hands the stock of an order out.', { body: OrderStock, reply: StockReply }),
  read: message('Reads what there is of a product.', { body: ReadProduct, reply: DocumentReply, repeatable: true }),
  adjust: message('Enters units that came or went.', { body: AdjustStock, reply: DocumentReply }),
  movements: message('Lists what came and went, oldest first.', { body: ReadMovements, ...LIST }),
  alerts: message('Lists products that are low, and lots that are near their last day or past it.', { body: ReadPage, ...LIST }),
  reservations: message('Lists what orders were given.', { body: ReadReservations, ...LIST }),
  expire: message('Gives back what these orders reserved, if their time is over. Sent by whoever wakes for it.', { body: ExpireOrders }),
  age: message('Looks at these lots, which are near their last day or past it. Sent by whoever wakes for it.', { body: AgeLots }),
});
