// What is asked of a market's products: each decides on a draft, and answers.
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
import { PRODUCT_DELETED, adjusted, writtenOffAs } from '../stock/adjustment.ts';
import { created, edited, remade, type Edited, type ProductEdit } from './product-edits.ts';
import { ProductFailure } from './product-failures.ts';
import { withoutUnpromised, type Details, type Product } from './product.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;

/** A product for sale; one that was deleted is as good as none. */
function soldProduct(market: Market, sku: string): Product {
  const product = market.products.get(sku);
  if (!product || product.details.deleted) throw ProductFailure.missing(sku);
  return product;
}

/** The same for a reader, who may have the name of a market that is not there. */
export function productIn(market: Market, id: string, sku: string): { settings: Settings; product: Product } {
  if (!market.settings) throw MarketFailure.unknown(id);
  return { settings: market.settings, product: soldProduct(market, sku) };
}

export function createProduct(market: Market, command: Command, action: Of<'create'>, draft: Draft): DocumentReply {
  const { sku: name = newSku(command.id), product } = action;
  const there = market.products.get(name);
  if (there && !there.details.deleted) throw ProductFailure.exists(name);
  checkPrecondition(undefined, action);
  const settings = settled(market, command, draft);
  return made(draft, settings, name, there, editOf(product, settings, undefined));
}

export function replaceProduct(market: Market, command: Command, action: Of<'replace'>, draft: Draft): DocumentReply {
  const { sku, product } = action;
  const there = market.products.get(sku);
  const sold = there?.details.deleted ? undefined : there;
  checkPrecondition(sold, action);
  if (sold && action.ifMatch === undefined) throw ProductFailure.versionRequired(sold.version);
  const settings = settled(market, command, draft);
  const edit = editOf(product, settings, sold);
  return sold ? shown(settings, moved(draft, edited(sold, edit, command.occasion.now.today))) : made(draft, settings, sku, there, edit);
}

export function changeProduct(market: Market, { occasion }: Command, action: Of<'change'>, draft: Draft): DocumentReply {
  const { sku, change } = action;
  const settings = market.settings as Settings;
  const product = soldProduct(market, sku);
  checkPrecondition(product, action);
  const { quantity, expiresOn, price, ...words } = change;
  if (price) checkCurrency(price, settings);
  const details = {
    ...product.details, ...defined(words), ...(price ? { priceMinor: price.amount } : {}),
  };
  return shown(settings, moved(draft, edited(product, { details, quantity, expiresOn }, occasion.now.today)));
}

/** It is not sold any more. Units that orders were promised may still leave; the others are written off. */
export function deleteProduct(market: Market, action: Of<'delete'>, draft: Draft): DocumentReply {
  const product = soldProduct(market, action.sku);
  checkPrecondition(product, action);
  const gone = { ...product, details: { ...product.details, deleted: true }, version: product.version + 1 };
  clearOut(draft, gone);
  return { json: '', version: gone.version };
}

/** Each line is taken or refused by itself, in their order. A SKU that is there is changed to what its line says. */
export function importProducts(market: Market, command: Command, { lines }: Of<'import'>, draft: Draft): ImportReply {
  const settings = settled(market, command, draft);
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
  const there = draft.find(sku);
  const edit = editOf(body, settings, there);
  if (!there || there.details.deleted) {
    moved(draft, begun(draft, sku, there, edit), 'import');
    return 'created';
  }
  const next = edited(there, edit, today);
  if (next.product === there) return 'unchanged';
  moved(draft, next, 'import');
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

/** The market's settings, which its first product makes. */
function settled(market: Market, { defaults }: Command, draft: Draft): Settings {
  if (market.settings) return market.settings;
  draft.settings = defaults;
  return defaults;
}

/** A product that is not there, or was deleted. */
function made(draft: Draft, settings: Settings, sku: string, there: Product | undefined, edit: ProductEdit): DocumentReply {
  const product = moved(draft, begun(draft, sku, there, edit));
  return { ...shown(settings, product), created: true };
}

function begun(draft: Draft, sku: string, deleted: Product | undefined, edit: ProductEdit): Edited {
  if (!deleted) return created(sku, edit);
  // Deleting leaves nothing unpromised, but versions before this one did.
  const next = remade(withoutUnpromised(deleted).product, edit);
  if (deleted.onHand > deleted.reserved) clearOut(draft, deleted);
  return next;
}

/** Writes off what nobody was promised of a product that is no longer sold. */
function clearOut(draft: Draft, deleted: Product): void {
  const { product, moved: units } = withoutUnpromised(deleted);
  draft.move(product, units.map(writtenOffAs), { reason: PRODUCT_DELETED });
}

function moved(draft: Draft, { product, moved: units }: Edited, reason: string | null = null): Product {
  draft.move(product, units, { reason });
  return product;
}

function shown(settings: Settings, product: Product): DocumentReply {
  return { json: JSON.stringify(productView(settings.currency, product)), version: product.version };
}

/** What is left out stays as it is of a product that is there; null wipes. A product that was deleted is as good as none. */
function editOf(
  { name, description, category, price, quantity, expiresOn }: ProductBody, settings: Settings, there: Product | undefined,
): ProductEdit {
  checkCurrency(price, settings);
  const kept: Partial<Details> = there && !there.details.deleted ? there.details : {};
  const details = {
    name, priceMinor: price.amount, deleted: false,
    description: description === undefined ? (kept.description ?? null) : description,
    category: category === undefined ? (kept.category ?? null) : category,
  };
  return { details, quantity, expiresOn };
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
