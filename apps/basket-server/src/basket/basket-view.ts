import { choiceOf, measured, taxesOfLines, type Basket as BasketDocument, type BasketJournal, type LineTax, type Quote, type Taxes } from '@aisle/contracts';
import type { AppliedAdjustment, SkippedRule } from '@aisle/pricing';
import type { BasketChanged, BasketEvent } from './basket-event.ts';
import type { Basket, Line } from './basket.ts';
import type { BasketTaxes, TaxedLine } from './basket-parts.ts';
import type { Notice } from './notice.ts';
import { eventOf, principalIn, type StoredEvent } from './stored-event.ts';

type ShownPrices = Pick<Basket, 'lines' | 'adjustments' | 'skipped' | 'totalMinor' | 'taxes' | 'degraded' | 'updatedAtMs'>;

/** The document that the API shows for a basket. */
export function basketView(id: string, market: string, currency: string, basket: Basket): BasketDocument {
  const { version, standing } = basket;
  return {
    id,
    version,
    ...quoteView(market, currency, basket),
    notices: noticesOf(currency, basket),
    ...(standing.is === 'sealed' ? { mergingInto: standing.merge.into } : {}),
  };
}

/** Whether two states of a basket look the same to a shopper, apart from the instant of their prices. */
export function isShownAlike(basket: Basket, other: Basket): boolean {
  const shown = (priced: Basket): string => {
    const unsold = [...priced.lines.values()].map(({ unavailable }) => unavailable === true);
    return JSON.stringify([quoteView('', '', { ...priced, updatedAtMs: 0 }), unsold]);
  };
  return shown(basket) === shown(other);
}

function noticesOf(currency: string, { notices, lines }: Basket): BasketDocument['notices'] {
  const shown = notices.map((notice) => noticeView(notice, currency));
  for (const { sku, unavailable } of lines.values()) {
    if (unavailable) shown.push({ code: 'productUnavailable', sku });
  }
  return shown;
}

function noticeView(notice: Notice, currency: string): BasketDocument['notices'][number] {
  if (notice.code === 'orderReturned') {
    const { missing, lost, ...facts } = notice;
    return { ...facts, missing: [...missing], lost: [...lost] };
  }
  const { fromMinor, toMinor, ...facts } = notice;
  return { ...facts, from: { amount: fromMinor, currency }, to: { amount: toMinor, currency } };
}

/** The document of a quote: a basket's document without id, version and notices. */
export function quoteView(market: string, currency: string, priced: ShownPrices): Quote {
  const lines = [...priced.lines.values()];
  return {
    market,
    lines: lines.map((line, at) => lineView(line, priced.taxes?.lines[at], currency)),
    adjustments: priced.adjustments.map((adjustment) => adjustmentView(adjustment, currency)),
    skipped: [
      ...lines.flatMap((line) => line.skipped.map((skipped) => skippedView(skipped, line.sku))),
      ...priced.skipped.map((skipped) => skippedView(skipped)),
    ],
    total: { amount: priced.totalMinor, currency },
    ...taxesView(priced.taxes, currency),
    ...(priced.degraded ? { degraded: true } : {}),
    updatedAt: new Date(priced.updatedAtMs).toISOString(),
  };
}

/** One page of a basket's history. */
export function journalView(
  entries: readonly { version: number; commandId: string; event: StoredEvent }[],
  currency: string,
  next: string | null,
): BasketJournal {
  const items = entries.map(({ version, commandId, event: stored }) => {
    const event = eventOf(stored);
    const other = otherOf(event);
    const { lines, removed, totalMinor, atMs } = changeIn(event);
    const orderId = 'orderId' in event ? event.orderId : undefined;
    const by = principalIn(stored);
    return {
      version,
      commandId,
      ...(by === '' ? {} : { by }),
      type: event.type,
      ...(other === undefined ? {} : { other }),
      ...(orderId === undefined ? {} : { orderId }),
      at: new Date(atMs).toISOString(),
      lines: lines.map((line) => journalLineView(line, currency)),
      removed: [...removed],
      total: { amount: totalMinor, currency },
    };
  });
  return { items, next };
}

function journalLineView(line: Line, currency: string) {
  const { sku, unitPriceMinor, netMinor } = line;
  return { sku, ...choiceOf(line), ...measured(line.quantity, line.unit), unitPrice: { amount: unitPriceMinor, currency }, net: { amount: netMinor, currency } };
}

function changeIn(event: BasketEvent): Pick<BasketChanged, 'lines' | 'removed' | 'totalMinor' | 'atMs'> {
  if (event.type === 'changed') return event;
  return 'change' in event ? event.change : { ...event, lines: [], removed: [] };
}

function otherOf(event: BasketEvent): string | undefined {
  if (event.type === 'absorbed') return event.from;
  if (event.type === 'sealed') return event.merge.into;
  return 'other' in event ? event.other : undefined;
}

function lineView(line: Line, tax: TaxedLine | null | undefined, currency: string): Quote['lines'][number] {
  const money = (amount: number): { amount: number; currency: string } => ({ amount, currency });
  return {
    sku: line.sku,
    name: line.name,
    ...choiceOf(line),
    ...measured(line.quantity, line.unit),
    unitPrice: money(line.unitPriceMinor),
    gross: money(line.grossMinor),
    adjustments: line.adjustments.map((adjustment) => adjustmentView(adjustment, currency)),
    net: money(line.netMinor),
    ...(tax ? { tax: lineTaxView(tax, currency) } : {}),
    ...(line.degraded ? { degraded: true } : {}),
  };
}

export function lineTaxView({ category, rate, netMinor, taxMinor }: TaxedLine, currency: string): LineTax {
  return { category, rate, net: { amount: netMinor, currency }, tax: { amount: taxMinor, currency } };
}

/** The taxes of a document; nothing in a market without taxes. */
export function taxesView(taxes: BasketTaxes | undefined, currency: string): { readonly taxes?: Taxes } {
  if (taxes === undefined) return {};
  const lines = taxes.lines.flatMap((line) => (line ? [lineTaxView(line, currency)] : []));
  return { taxes: taxesOfLines(lines, taxes.pricesInclude, currency) };
}

export function adjustmentView(applied: AppliedAdjustment, currency: string): Quote['adjustments'][number] {
  const { code, amountMinor, message, strategy, version } = applied;
  return { code, amount: { amount: amountMinor, currency }, message, strategy, version };
}

function skippedView(rule: SkippedRule, sku?: string): Quote['skipped'][number] {
  const { code, reason, unitsNeeded, strategy, version } = rule;
  return {
    code,
    reason,
    ...(sku === undefined ? {} : { sku }),
    ...(unitsNeeded === undefined ? {} : { unitsNeeded }),
    strategy,
    version,
  };
}
