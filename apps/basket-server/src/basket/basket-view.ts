import type { Basket as BasketDocument, Quote } from '@aisle/contracts';
import type { AppliedAdjustment, SkippedRule } from '@aisle/pricing';
import type { Basket, Line } from './basket.ts';

type Priced = Omit<Basket, 'version' | 'revisions'>;

/** The document that the API shows for a basket. */
export function basketView(id: string, market: string, currency: string, basket: Basket): BasketDocument {
  return { id, version: basket.version, ...quoteView(market, currency, basket) };
}

/** The same without id and version. */
export function quoteView(market: string, currency: string, priced: Priced): Quote {
  const lines = [...priced.lines.values()];
  return {
    market,
    lines: lines.map((line) => lineView(line, currency)),
    adjustments: priced.adjustments.map((adjustment) => adjustmentView(adjustment, currency)),
    skipped: [
      ...lines.flatMap((line) => line.skipped.map((skipped) => skippedView(skipped, line.sku))),
      ...priced.skipped.map((skipped) => skippedView(skipped)),
    ],
    total: { amount: priced.totalMinor, currency },
    updatedAt: new Date(priced.updatedAtMs).toISOString(),
  };
}

function lineView(line: Line, currency: string): Quote['lines'][number] {
  const money = (amount: number): { amount: number; currency: string } => ({ amount, currency });
  return {
    sku: line.sku,
    name: line.name,
    quantity: line.quantity,
    unitPrice: money(line.unitPriceMinor),
    gross: money(line.grossMinor),
    adjustments: line.adjustments.map((adjustment) => adjustmentView(adjustment, currency)),
    net: money(line.netMinor),
    ...(line.degraded ? { degraded: true } : {}),
  };
}

function adjustmentView(applied: AppliedAdjustment, currency: string): Quote['adjustments'][number] {
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
