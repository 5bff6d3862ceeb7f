/** The strategies of this run, by their behaviour. Each acts on a product of its own. */
export const ENDING = 'clock-ending';
export const BEGINNING = 'clock-beginning';
export const TICKING = 'clock-ticking';

/** The seed's products for these rules, and the discounts of the first two on a line, in minor units. */
export const SKUS = { [ENDING]: 'P0007', [BEGINNING]: 'P0003', [TICKING]: 'P0013' } as const;
export const OFF_MINOR = { [ENDING]: 7, [BEGINNING]: 11 } as const;

/** The end of the one rule and the beginning of the other. The third changes its price with every second. */
export interface Instants {
  readonly endsAtMs: number;
  readonly beginsAtMs: number;
}

/** The examined part of a basket, a quote or a checkout. */
export interface PricedDocument {
  readonly lines: readonly PricedLine[];
  readonly total: Money;
  readonly degraded?: boolean;
}

interface PricedLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly adjustments: readonly { readonly message: string }[];
  readonly net: Money;
  readonly degraded?: boolean;
}

export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** A document, with the instants of its request and answer. */
export interface Seen {
  readonly document: PricedDocument;
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

interface Span {
  readonly sinceMs: number;
  /** Exclusive. */
  readonly untilMs: number;
}

const ALWAYS: Span = { sinceMs: -Infinity, untilMs: Infinity };
const SECOND_MS = 1_000;

/**
 * The fault of a document's prices, if any. All of them must be those of one instant between the question and its
 * answer. So no price is charged after its end, and none is shown after a later one. The servers and this process share
 * one clock.
 */
export function priceFault({ document, sentAtMs, answeredAtMs }: Seen, instants: Instants): string | undefined {
  const { lines, total } = document;
  const spans: Span[] = [];
  for (const line of lines) {
    const span = spanOf(line, instants);
    if (span === undefined) return `no instant has this price of ${line.sku}: ${JSON.stringify(line)}`;
    spans.push(span);
  }
  const sum = lines.reduce((net, line) => net + line.net.amount, 0);
  if (sum !== total.amount) return `the lines come to ${sum}, the total is ${total.amount}`;
  const sinceMs = Math.max(...spans.map((span) => span.sinceMs), -Infinity);
  const untilMs = Math.min(...spans.map((span) => span.untilMs), Infinity);
  if (sinceMs >= untilMs) return `its prices are of different instants: ${JSON.stringify(lines)}`;
  if (untilMs <= sentAtMs) return `its prices were over ${sentAtMs - untilMs} ms before it was asked for`;
  if (sinceMs > answeredAtMs) return `its prices begin ${sinceMs - answeredAtMs} ms after the answer`;
  return undefined;
}

/** True if the price of these products must change between two instants. */
export function priceChanges(skus: readonly string[], { endsAtMs, beginsAtMs }: Instants, fromMs: number, toMs: number): boolean {
  const isWithin = (ms: number): boolean => fromMs <= ms && ms <= toMs;
  return (skus.includes(SKUS[ENDING]) && isWithin(endsAtMs))
    || (skus.includes(SKUS[BEGINNING]) && isWithin(beginsAtMs))
    || (skus.includes(SKUS[TICKING]) && isWithin(Math.ceil(fromMs / SECOND_MS) * SECOND_MS));
}

/** The script takes this many minor units off in the second of an instant: 1 to 60. */
function tickingOffMinor(atMs: number): number {
  return 1 + new Date(atMs).getUTCSeconds();
}

/** Equal for documents whose lines cost the same for the same reasons; the script names its second. */
export function priceText({ lines }: PricedDocument): string {
  const textOf = ({ sku, net, adjustments }: PricedLine): string =>
    [sku, net.amount, ...adjustments.map(({ message }) => message)].join(' ');
  return lines.map(textOf).sort().join(', ');
}

/** The total without the script; undefined if the script has no part in it. */
export function totalWithoutScript({ lines, total }: PricedDocument): number | undefined {
  const ticking = lines.find(({ sku }) => sku === SKUS[TICKING]);
  return ticking && total.amount + offMinorOf(ticking);
}

/** The instants at which a line has its price; undefined if there are none. */
function spanOf(line: PricedLine, { endsAtMs, beginsAtMs }: Instants): Span | undefined {
  const offMinor = offMinorOf(line);
  switch (line.sku) {
    case SKUS[ENDING]:
      if (offMinor === OFF_MINOR[ENDING]) return { ...ALWAYS, untilMs: endsAtMs };
      return offMinor === 0 ? { ...ALWAYS, sinceMs: endsAtMs } : undefined;
    case SKUS[BEGINNING]:
      if (offMinor === OFF_MINOR[BEGINNING]) return { ...ALWAYS, sinceMs: beginsAtMs };
      return offMinor === 0 ? { ...ALWAYS, untilMs: beginsAtMs } : undefined;
    default: {
      // A script for which a busy machine was too slow is left out of the price, which says so.
      if (line.degraded && offMinor === 0) return ALWAYS;
      // The script writes the time that it got into its message.
      const sinceMs = Date.parse(line.adjustments[0]?.message ?? '');
      return offMinor === tickingOffMinor(sinceMs) ? { sinceMs, untilMs: sinceMs + SECOND_MS } : undefined;
    }
  }
}

function offMinorOf({ quantity, unitPrice, net }: PricedLine): number {
  return unitPrice.amount * quantity - net.amount;
}
