import { z } from 'zod';
import { Sku } from './basket.ts';
import { Instant } from './calendar.ts';
import { DocumentReply, FailureFactsSchema, ReadPage, StockLine } from './document-reply.ts';
import { MARKET_LIMITS, MarketEdit, NewProduct, ProductChange, ProductEdit, StockAdjustment, StockStanding } from './market.ts';
import { ScannedCode } from './barcode/scanned-code.ts';
import { Precondition } from './precondition.ts';
import type { ReadonlyFields } from './protocol/immutable.ts';
import { message } from './protocol/message.ts';
import { protocol } from './protocol/protocol.ts';
import { Text } from './text.ts';

/** The key of a market, which is one actor. */
export interface MarketKey {
  readonly market: string;
}

/** The addressing of a market's actor. The protocols of its products and its stock address the same actor. */
const MARKET = { sharded: 'market', key: ({ market }: MarketKey) => ({ market, actor: market }) } as const;

/** The options of lists. Any process of the group can read them from the rows in the database. */
const LIST = { reply: DocumentReply, repeatable: true, anyone: true, takesTurns: true } as const;

/** The body of `market.configure`. */
export const ConfigureMarket = Precondition.extend({ edit: MarketEdit });
export type ConfigureMarket = ReadonlyFields<z.infer<typeof ConfigureMarket>>;

/** The body of `market.list`. With `markets`, only those are listed. */
export const ReadMarkets = ReadPage.extend({ markets: z.array(Text).optional() });
export type ReadMarkets = ReadonlyFields<z.infer<typeof ReadMarkets>>;

/** The messages about markets. */
export const MarketProtocol = protocol('market', MARKET, {
  list: message('Lists all markets, whichever market the key names.', { body: ReadMarkets, ...LIST }),
  read: message('Reads the market.', { reply: DocumentReply, repeatable: true }),
  configure: message('Creates the market, or changes its settings.', { body: ConfigureMarket, reply: DocumentReply }),
});

export const ReadProducts = ReadPage.extend({ category: Text.optional() });
export type ReadProducts = ReadonlyFields<z.infer<typeof ReadProducts>>;

export const ReadProduct = z.object({ sku: Text });
export type ReadProduct = ReadonlyFields<z.infer<typeof ReadProduct>>;

/** The body of `product.scan`. */
export const ScanCode = z.object({ code: ScannedCode });
export type ScanCode = ReadonlyFields<z.infer<typeof ScanCode>>;

export const CreateProduct = Precondition.extend({ sku: Sku.optional(), product: ProductEdit });
export type CreateProduct = ReadonlyFields<z.infer<typeof CreateProduct>>;

/** The body of `product.replace`. Without `ifMatch`, it only creates a product that does not exist. */
export const ReplaceProduct = Precondition.extend({ sku: Sku, product: ProductEdit });
export type ReplaceProduct = ReadonlyFields<z.infer<typeof ReplaceProduct>>;

export const ChangeProduct = Precondition.extend({ sku: Text, change: ProductChange });
export type ChangeProduct = ReadonlyFields<z.infer<typeof ChangeProduct>>;

export const DeleteProduct = Precondition.extend({ sku: Text });
export type DeleteProduct = ReadonlyFields<z.infer<typeof DeleteProduct>>;

/** A line of `POST …/products:import` with its number in the body, from 1. */
export const ImportLine = NewProduct.extend({ line: z.int().min(1) });
export type ImportLine = Readonly<z.infer<typeof ImportLine>>;

/** The body of `product.import`: lines of an import, each of which is imported or refused independently. */
export const ImportProducts = z.object({ lines: z.array(ImportLine).max(MARKET_LIMITS.importLines) });
export type ImportProducts = ReadonlyFields<z.infer<typeof ImportProducts>>;

/** The answer to `product.import`: the numbers of products, and the refused lines. */
export const ImportReply = z.object({
  created: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  rejected: z.array(FailureFactsSchema.extend({ line: z.int(), sku: Text })),
});
export type ImportReply = ReadonlyFields<z.infer<typeof ImportReply>>;

/** The messages about the products of a market. */
export const ProductProtocol = protocol('product', MARKET, {
  list: message('Lists products by SKU.', { body: ReadProducts, reply: DocumentReply, repeatable: true }),
  read: message('Reads a product.', { body: ReadProduct, reply: DocumentReply, repeatable: true }),
  scan: message('Finds the product of a scanned code.', { body: ScanCode, reply: DocumentReply, repeatable: true }),
  create: message('Creates a product, and gives it a SKU if it has none.', { body: CreateProduct, reply: DocumentReply }),
  replace: message('Creates a product, or replaces it.', { body: ReplaceProduct, reply: DocumentReply }),
  change: message('Changes some fields of a product.', { body: ChangeProduct, reply: DocumentReply }),
  delete: message('Removes a product from the range.', { body: DeleteProduct, reply: DocumentReply }),
  import: message('Imports some lines of an import.', { body: ImportProducts, reply: ImportReply }),
});

/** The body of `stock.reserve`. The quantities of several lines of one product are added up first. */
export const ReserveStock = z.object({
  orderId: Text,
  lines: z.array(StockLine),
  /** The stock is released at this time unless it has been committed. */
  expiresAt: Instant,
  /** Whether to reserve the available units of each line, and not all or nothing. */
  allowPartial: z.boolean(),
});
export type ReserveStock = ReadonlyFields<z.infer<typeof ReserveStock>>;

/** The reason why no stock was reserved. `released` means that the order was released before it was reserved. */
export const StockRefusal = z.enum(['out_of_stock', 'expired', 'released']);
export type StockRefusal = z.infer<typeof StockRefusal>;

/** A line as it was requested, without a check of its SKU. */
const AnsweredLine = StockLine.extend({ sku: z.string() });

/** The answer to `stock.reserve`. A rejection is recorded and final. */
export const ReserveReply = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('reserved'), lines: z.array(AnsweredLine), missing: z.array(AnsweredLine) }),
  z.object({ outcome: z.literal('rejected'), reason: StockRefusal, missing: z.array(AnsweredLine) }),
]);
export type ReserveReply = ReadonlyFields<z.infer<typeof ReserveReply>>;

/** The body of messages about the stock of an order. */
export const OrderStock = z.object({ orderId: Text });
export type OrderStock = ReadonlyFields<z.infer<typeof OrderStock>>;

/** The body of `stock.release`, with the reason. A timeout does not release committed stock. */
export const ReleaseStock = OrderStock.extend({ reason: z.enum(['cancelled', 'timeout']) });
export type ReleaseStock = ReadonlyFields<z.infer<typeof ReleaseStock>>;

/**
 * The answer to a change of an order's stock: its standing afterwards, which shows whether the change was made. Releasing an
 * unknown order makes it `released` for good.
 */
export const StockReply = z.object({
  standing: StockStanding,
  /** The reason of a release or rejection. */
  reason: z.enum([...StockRefusal.options, 'cancelled', 'timeout']).optional(),
});
export type StockReply = ReadonlyFields<z.infer<typeof StockReply>>;

export const AdjustStock = Precondition.extend({ sku: Text, adjustment: StockAdjustment });
export type AdjustStock = ReadonlyFields<z.infer<typeof AdjustStock>>;

export const ReadMovements = ReadPage.extend({ sku: Text.optional() });
export type ReadMovements = ReadonlyFields<z.infer<typeof ReadMovements>>;

export const ReadReservations = ReadPage.extend({ standing: StockStanding.optional() });
export type ReadReservations = ReadonlyFields<z.infer<typeof ReadReservations>>;

/** The body of `stock.expire`. */
export const ExpireOrders = z.object({ orderIds: z.array(Text) });
export type ExpireOrders = ReadonlyFields<z.infer<typeof ExpireOrders>>;

/** The body of `stock.age`. */
export const AgeLots = z.object({ lots: z.array(z.object({ sku: Text, lot: Text })) });
export type AgeLots = ReadonlyFields<z.infer<typeof AgeLots>>;

/**
 * The messages about the stock of a market. Messages about an order are idempotent by order id for good, because the market remembers
 * the standing of every order: none → reserved → committed → fulfilled, or released. It answers a repetition alike.
 */
export const StockProtocol = protocol('stock', MARKET, {
  reserve: message('Reserves the stock of an order.', { body: ReserveStock, reply: ReserveReply }),
  commit: message('Commits the stock that is reserved for an order.', { body: OrderStock, reply: StockReply }),
  release: message('Releases the stock of an order.', { body: ReleaseStock, reply: StockReply }),
  fulfil: message('Deducts the stock of an order, when its goods are handed out.', { body: OrderStock, reply: StockReply }),
  read: message('Reads the stock of a product.', { body: ReadProduct, reply: DocumentReply, repeatable: true }),
  adjust: message('Adds units to the stock of a product, or removes them.', { body: AdjustStock, reply: DocumentReply }),
  movements: message('Lists stock movements, oldest first.', { body: ReadMovements, ...LIST }),
  alerts: message('Lists products with low stock or promises at risk, and lots that have expired or will expire soon.', { body: ReadPage, ...LIST }),
  reservations: message('Lists the stock that is reserved for orders.', { body: ReadReservations, ...LIST }),
  expire: message('Releases the expired reservations of these orders. Sent by the wake-up for them.', { body: ExpireOrders }),
  age: message('Checks these lots, which are near their last day or past it. Sent by the wake-up for them.', { body: AgeLots }),
});
