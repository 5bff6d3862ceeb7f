import { linesBefore } from '../engine/basket.ts';
import { ScriptFault } from './script-fault.ts';
import type { Draft } from '../freeze.ts';
import type {
  Adjustment, BasketInput, LineInput, Meta, Priced, PricingContext, Skip,
} from '../strategy.ts';
import type { FaultCode } from './script-fault.ts';
import type { Part } from './messages.ts';

/** What the context of a script is made from; parameters and arithmetic are there already. */
export function encodeCtx({ now, market, currency }: PricingContext): string {
  return JSON.stringify({ now, market, currency });
}

/** The parameters of a meta; an empty text stands for none. */
export function encodeParams({ params }: Meta): string {
  return params === undefined ? '' : JSON.stringify(params);
}

// Lines are frozen and shared: between baskets, and between the strategies of one.
const encodedRows = new WeakMap<LineInput, string>();
const encodedLists = new WeakMap<readonly LineInput[], string>();

/**
 * An input as text; also its identity in memory. A line is a row of `ROW_LENGTH` values, whose names
 * the prelude knows; a basket is what it has of its own, the nets of its lines, and a row for each of
 * them with 0 in the place of its net: rows stay as they are when a discount is spread over them.
 */
export function encodeInput(input: LineInput | BasketInput): string {
  return 'lines' in input ? encodeBasket(input) : encodeLine(input, input.netMinor);
}

/** A basket without its lines: a script that looks at them answers that it has missed them. */
export function encodeSums({ grossMinor, netMinor, coupons }: BasketInput): string {
  return JSON.stringify([grossMinor, netMinor, coupons]);
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
    text = encodeLine(line, 0);
    encodedRows.set(line, text);
  }
  return text;
}

/** Encoded inputs as one call has them: lines by the list, baskets one by one. */
export function encodeList(kind: Meta['kind'], texts: readonly string[]): string {
  return kind === 'basket' ? texts[0] as string : `[${texts.join()}]`;
}

function encodeLine(line: LineInput, netMinor: number): string {
  const { sku, quantity, unitPriceMinor, category, attributes, lots } = line;
  const more = attributes === undefined && lots === undefined
    ? category
    : [category, attributes, lots];
  return `${JSON.stringify(sku)},${quantity},${unitPriceMinor},${netMinor},${JSON.stringify(more ?? null)}`;
}

const STATUSES: Record<number, FaultCode> = {
  1: 'threw', 2: 'asynchronous', 3: 'memory', 4: 'lines-missed',
};

/**
 * The answers of a part. Nothing in it is believed but that it ends: texts and lists that are not
 * what they should be come out as what the engine's own check refuses.
 */
export function decode(part: Part): (Priced | ScriptFault)[] {
  if ('fault' in part) {
    const fault = new ScriptFault(part.fault, part.text);
    return Array.from({ length: part.count }, () => fault);
  }
  const reader = new Reader(JSON.parse(part.words) as string[], part.numbers);
  return Array.from({ length: part.count }, () => reader.answer());
}

const NONE: readonly never[] = Object.freeze([]);

class Reader {
  private readonly words: readonly string[];
  private readonly numbers: Float64Array;
  /** The first number is the context's own. */
  private at = 1;

  constructor(words: readonly string[], numbers: Float64Array) {
    this.words = words;
    this.numbers = numbers;
  }

  answer(): Priced | ScriptFault {
    const status = this.number();
    if (status === 2) return new ScriptFault('asynchronous');
    if (status === 4) return new ScriptFault('lines-missed');
    if (status !== 0) return new ScriptFault(STATUSES[status] ?? 'contract', this.word() ?? '');
    const adjustments = this.list(() => this.adjustment());
    const skipped = this.list(() => this.skip());
    return { adjustments, skipped };
  }

  private adjustment(): Adjustment {
    const code = this.word();
    const amountMinor = this.number();
    const units = this.number();
    const adjustment: Draft<Adjustment> = { code, amountMinor, message: this.word() };
    if (units !== -1) adjustment.units = units;
    return adjustment;
  }

  private skip(): Skip {
    const skip: Draft<Skip> = { code: this.word(), reason: this.word() };
    const unitsNeeded = this.number();
    if (unitsNeeded !== -1) skip.unitsNeeded = unitsNeeded;
    return skip;
  }

  private list<T>(read: () => T): readonly T[] {
    const length = this.number();
    // Longer than the contract allows, or no list at all: the check refuses null.
    if (length < 0) return null as unknown as T[];
    if (!(length > 0)) return NONE;
    const list = [read()];
    for (let index = 1; index < length; index += 1) list.push(read());
    return list;
  }

  private number(): number {
    return this.numbers[this.at++] as number;
  }

  private word(): string {
    return this.words[this.number()] as string;
  }
}
