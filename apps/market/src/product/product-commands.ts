// Actions on a market's products. Each changes a draft, and returns the answer.
import {
  isFulfilled, type DocumentReply, type ImportLine, type ImportReply, type Money, type Precondition,
  type ProductEdit as ProductBody,
} from '@aisle/contracts';
import { isFailure } from '@aisle/std';
import { newSku, type Action, type Command } from '../market/command.ts';
import type { Draft } from '../market/draft.ts';
import { MarketFailure } from '../market/market-failures.ts';
import { productView, stockView } from '../market/market-view.ts';
import type { Market } from '../market/market.ts';
import type { Settings } from '../market/settings.ts';
import { requireRate } from '../market/tax-coverage.ts';
import { PRODUCT_DELETED, adjusted, writtenOffAs } from '../stock/adjustment.ts';
import { created, edited, remade, type Edited, type ProductEdit } from './product-edits.ts';
import { ProductFailure } from './product-failures.ts';
import { factsAfter } from './product-facts.ts';
import { withoutUnpromised, type Details, type Product } from './product.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;

/** A product that is for sale. Throws `ProductFailure.missing` for a missing or deleted one. */
function soldProduct(market: Market, sku: string): Product {
  const product = market.products.get(sku);
  if (!product || product.details.deleted) throw ProductFailure.missing(sku);
  return product;
}

/** A product for a reader, with the market's settings. Throws `MarketFailure.unknown` or `ProductFailure.missing`. */
export function productIn(market: Market, id: string, sku: string): { settings: Settings; product: Product } {
  if (!market.settings) throw MarketFailure.unknown(id);
  return { settings: market.settings, product: soldProduct(market, sku) };
}

export function createProduct(market: Market, command: Command, action: Of<'create'>, draft: Draft): DocumentReply {
  const { sku: name = newSku(command.id), product } = action;
  const present = market.products.get(name);
  if (present && !present.details.deleted) throw ProductFailure.exists(name);
  checkPrecondition(undefined, action);
  const settings = settingsOf(market, command, draft);
  return make(draft, settings, name, present, editOf(draft, settings, name, product));
}

export function replaceProduct(market: Market, command: Command, action: Of<'replace'>, draft: Draft): DocumentReply {
  const { sku, product } = action;
  const present = market.products.get(sku);
  const sold = present?.details.deleted ? undefined : present;
  checkPrecondition(sold, action);
  if (sold && action.ifMatch === undefined) throw ProductFailure.versionRequired(sold.version);
  const settings = settingsOf(market, command, draft);
  const edit = editOf(draft, settings, sku, product);
  return sold ? replyWith(settings, move(draft, edited(sold, edit, command.occasion.now.today))) : make(draft, settings, sku, present, edit);
}

export function changeProduct(market: Market, { occasion }: Command, action: Of<'change'>, draft: Draft): DocumentReply {
  const { sku, change } = action;
  const settings = market.settings as Settings;
  const product = soldProduct(market, sku);
  checkPrecondition(product, action);
  const { name, description, category, quantity, expiresOn, price, ...facts } = change;
  if (price) checkCurrency(price, settings);
  const { facts: _before, ...kept } = product.details;
  const details = {
    ...kept, ...defined({ name, description, category }), ...(price ? { priceMinor: price.amount } : {}), ...factsAfter(sku, product, facts),
  };
  requireSellable(draft, settings, sku, details);
  return replyWith(settings, move(draft, edited(product, { details, quantity, expiresOn }, occasion.now.today)));
}

/** Ends the sale of a product. Promised units may still leave; the others are written off. */
export function deleteProduct(market: Market, action: Of<'delete'>, draft: Draft): DocumentReply {
  const product = soldProduct(market, action.sku);
  checkPrecondition(product, action);
  const deleted = { ...product, details: { ...product.details, deleted: true }, version: product.version + 1 };
  writeOffUnpromised(draft, deleted);
  return { json: '', version: deleted.version };
}

/** Imports lines in order; each is accepted or refused alone. The line of an existing SKU changes that product. */
export function importProducts(market: Market, command: Command, { lines }: Of<'import'>, draft: Draft): ImportReply {
  const settings = settingsOf(market, command, draft);
  const count = { created: 0, updated: 0, unchanged: 0 };
  const rejected: ImportReply['rejected'][number][] = [];
  for (const one of lines) {
    const { line, sku = newSku(command.id, line), ...body } = one;
    try {
      count[importLine(draft, settings, sku, body, command.occasion.now.today)] += 1;
    } catch (refusal) {
      if (!isFailure(refusal)) throw refusal;
      const { kind, code, message, details } = refusal;
      rejected.push({ line, sku, kind, code, message, details });
    }
  }
  return { ...count, rejected };
}

function importLine(
  draft: Draft, settings: Settings, sku: string, body: Omit<ImportLine, 'line' | 'sku'>, today: string,
): 'created' | 'updated' | 'unchanged' {
  const present = draft.find(sku);
  const edit = editOf(draft, settings, sku, body);
  if (!present || present.details.deleted) {
    move(draft, begin(draft, sku, present, edit), 'import');
    return 'created';
  }
  const next = edited(present, edit, today);
  if (next.product === present) return 'unchanged';
  move(draft, next, 'import');
  return 'updated';
}

export function adjust(market: Market, { occasion }: Command, action: Of<'adjust'>, draft: Draft): DocumentReply {
  const { adjustment } = action;
  const product = soldProduct(market, action.sku);
  checkPrecondition(product, action);
  const { delta, reason, lot, expiresOn } = adjustment;
  const isDelivery = delta > 0 && (lot !== undefined || expiresOn !== undefined);
  const kind = adjustment.kind ?? (isDelivery ? 'received' : 'adjusted');
  const out = adjusted(product, { ...adjustment, kind }, occasion.now.today);
  const next = { ...out.product, version: product.version + 1 };
  draft.move(next, out.moved.map((one) => ({ ...one, kind })), { reason });
  return { json: JSON.stringify(stockView(next, occasion.now.today)), version: next.version };
}

/** The market's settings. The first product of a new market sets the defaults. */
function settingsOf(market: Market, { defaults }: Command, draft: Draft): Settings {
  if (market.settings) return market.settings;
  draft.settings = defaults;
  return defaults;
}

/** Makes a product that does not exist, or was deleted. */
function make(draft: Draft, settings: Settings, sku: string, deleted: Product | undefined, edit: ProductEdit): DocumentReply {
  const product = move(draft, begin(draft, sku, deleted, edit));
  return { ...replyWith(settings, product), created: true };
}

function begin(draft: Draft, sku: string, deleted: Product | undefined, edit: ProductEdit): Edited {
  if (!deleted) return created(sku, edit);
  // A deletion leaves no unpromised units, but older versions of this app left them.
  const next = remade(withoutUnpromised(deleted).product, edit);
  if (deleted.onHand > deleted.reserved) writeOffUnpromised(draft, deleted);
  return next;
}

/** Writes off the unpromised units of a product that is no longer sold. */
function writeOffUnpromised(draft: Draft, deleted: Product): void {
  const { product, moved } = withoutUnpromised(deleted);
  draft.move(product, moved.map(writtenOffAs), { reason: PRODUCT_DELETED });
}

function move(draft: Draft, { product, moved }: Edited, reason: string | null = null): Product {
  draft.move(product, moved, { reason });
  return product;
}

function replyWith(settings: Settings, product: Product): DocumentReply {
  return { json: JSON.stringify(productView(settings.currency, product)), version: product.version };
}

/**
 * The edit by a document. An omitted field keeps the value of an existing product, and null clears it. A deleted product
 * counts as missing.
 */
function editOf(draft: Draft, settings: Settings, sku: string, body: ProductBody): ProductEdit {
  const present = draft.find(sku);
  const { name, description, category, price, quantity, expiresOn, ...facts } = body;
  checkCurrency(price, settings);
  const kept: Partial<Details> = present && !present.details.deleted ? present.details : {};
  const details = {
    name, priceMinor: price.amount, deleted: false,
    description: description === undefined ? (kept.description ?? null) : description,
    category: category === undefined ? (kept.category ?? null) : category,
    ...factsAfter(sku, present, facts),
  };
  requireSellable(draft, settings, sku, details);
  return { details, quantity, expiresOn };
}

/** Refuses a product that the market could not sell, or could not tell from another one. */
function requireSellable(draft: Draft, { terms }: Settings, sku: string, details: Details): void {
  draft.requireCodes(sku, details);
  requireRate(terms, sku, details, draft.today);
}

function checkCurrency({ currency }: Money, settings: Settings): void {
  if (currency !== settings.currency) throw ProductFailure.priceForeign(currency, settings.currency);
}

function checkPrecondition(product: Product | undefined, precondition: Precondition): void {
  if (!isFulfilled(precondition, product?.version)) throw ProductFailure.changed(precondition, product?.version);
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
