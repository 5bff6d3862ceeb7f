import { choiceOf, measured, type Adjustment, type Money, type OrderLine, type Taxes } from '@aisle/contracts';
import type { AppliedAdjustment } from '@aisle/pricing';
import { adjustmentView, lineTaxView, taxesView } from '../basket/basket-view.ts';
import type { TaxedLine } from '../basket/basket-parts.ts';
import type { Line, OrderPrice } from '../basket/basket.ts';

/** The part of an order's document that prices determine. */
export interface OrderDocument {
  readonly lines: readonly OrderLine[];
  readonly adjustments: readonly Adjustment[];
  readonly total: Money;
  readonly taxes?: Taxes;
  readonly degraded?: boolean;
}

/** The parts of a line's cost that the whole order determines. */
interface ChargedParts {
  readonly shareMinor: number;
  readonly tax: TaxedLine | null | undefined;
  readonly pricesInclude: boolean | undefined;
}

/** The lines with their costs and the reasons; their totals sum to the order's total. */
export function orderView({ lines, sharesMinor, adjustments, totalMinor, taxes, degraded }: OrderPrice, currency: string): OrderDocument {
  return {
    lines: lines.map((line, at) => orderLineView(line, { shareMinor: sharesMinor[at] ?? 0, tax: taxes?.lines[at], pricesInclude: taxes?.pricesInclude }, currency)),
    adjustments: adjustments.map((adjustment) => chargedView(adjustment, currency)),
    total: { amount: totalMinor, currency },
    ...taxesView(taxes, currency),
    ...(degraded ? { degraded } : {}),
  };
}

function orderLineView(line: Line, { shareMinor, tax, pricesInclude }: ChargedParts, currency: string): OrderLine {
  const { sku, name, category, unitPriceMinor, grossMinor, netMinor, degraded } = line;
  const money = (amount: number): Money => ({ amount, currency });
  return {
    sku,
    name,
    ...(category === undefined ? {} : { category }),
    ...choiceOf(line),
    ...measured(line.quantity, line.unit),
    unitPrice: money(unitPriceMinor),
    gross: money(grossMinor),
    adjustments: line.adjustments.map((adjustment) => chargedView(adjustment, currency)),
    net: money(netMinor),
    share: money(shareMinor),
    ...(tax ? { tax: lineTaxView(tax, currency) } : {}),
    total: money(netMinor + shareMinor + (tax && pricesInclude === false ? tax.taxMinor : 0)),
    ...(degraded ? { degraded } : {}),
  };
}

/** An order records the hash of the code that charged it. */
function chargedView(applied: AppliedAdjustment, currency: string): Adjustment {
  return { ...adjustmentView(applied, currency), sha256: applied.sha256 };
}
