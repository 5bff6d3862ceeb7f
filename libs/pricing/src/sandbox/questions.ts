import { linesBefore } from '../engine/basket.ts';
import type { BasketInput, LineInput, Meta, PricingContext } from '../strategy.ts';

/** The text from which a script's context is made. Parameters and arithmetic are there already. */
export function encodeCtx({ now, market, currency, rounding = 'half-up' }: PricingContext): string {
  return JSON.stringify({ now, market, currency, rounding });
}

/** The parameters of a meta; an empty text stands for none. */
export function encodeParams({ params }: Meta): string {
  return params === undefined ? '' : JSON.stringify(params);
}

// Lines are frozen and shared: between baskets, and between the strategies of one basket.
const encodedRows = new WeakMap<LineInput, string>();
const encodedLists = new WeakMap<readonly LineInput[], string>();

/**
 * An input as text, except for its net, which is passed separately: a discount changes nothing else. A line is a row of
 * `ROW_LENGTH` values, whose names the prelude knows. A basket is its own fields, the nets of its lines, and a row for
 * each of them.
 */
export function encodeInput(input: LineInput | BasketInput): string {
  return 'lines' in input ? encodeBasket(input) : encodeRow(input);
}

/** A basket without its lines. A script that reads the lines answers `lines-missed`. */
export function encodeSums({ grossMinor, coupons }: BasketInput): string {
  return JSON.stringify([grossMinor, coupons]);
}

function encodeBasket(basket: BasketInput): string {
  const nets = JSON.stringify(basket.lines.map((line) => line.netMinor));
  return `${encodeSums(basket)}\n${nets}${encodeRows(linesBefore(basket))}`;
}

function encodeRows(lines: readonly LineInput[]): string {
  let text = encodedLists.get(lines);
  if (text === undefined) {
    text = lines.map((line) => `\n${encodeRow(line)}`).join('');
    encodedLists.set(lines, text);
  }
  return text;
}

function encodeRow(line: LineInput): string {
  let text = encodedRows.get(line);
  if (text === undefined) {
    text = encodeLine(line);
    encodedRows.set(line, text);
  }
  return text;
}

/** Encoded inputs of one call: lines as a list, baskets one by one. */
export function encodeList(kind: Meta['kind'], texts: readonly string[]): string {
  return kind === 'basket' ? texts[0] as string : `[${texts.join()}]`;
}

function encodeLine(line: LineInput): string {
  const { sku, quantity, unitPriceMinor, unit, category, taxCategory, attributes, lots } = line;
  const facts = taxCategory !== undefined ? [unit, taxCategory] : unit !== undefined ? [unit] : [];
  const more = attributes === undefined && lots === undefined && facts.length === 0
    ? category
    : [category, attributes, lots, ...facts];
  return `${JSON.stringify(sku)},${quantity},${unitPriceMinor},${JSON.stringify(more ?? null)}`;
}
