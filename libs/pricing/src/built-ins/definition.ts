import { ROUNDINGS } from '@aisle/std';
import { PricingFailure } from '../failures.ts';
import type {
  BasketInput, Ctx, Item, LineInput, Meta, Priced, Rounding, Strategy,
} from '../strategy.ts';

/**
 * A rule that ships with the lib, in one version. Its arithmetic never changes, because a deployment must not change
 * charged prices. An improved rule is a further version beside it.
 */
export interface BuiltIn {
  readonly kind: Meta['kind'];
  /** Throws `pricing.rules`, which names every wrong parameter. */
  configure(params: unknown): Strategy['price'];
  /** The paths of the parameters that are amounts of money and therefore need a currency. */
  amountsIn(params: unknown): readonly string[];
}

interface Definition<P, I> {
  read(params: ParamReader): P;
  price(input: I, params: P, ctx: Ctx): Priced;
}

/** A built-in that prices lines. */
export function lineBuiltIn<P>(definition: Definition<P, LineInput>): BuiltIn {
  return define('line', definition);
}

/** A built-in that prices baskets. */
export function basketBuiltIn<P>(definition: Definition<P, BasketInput>): BuiltIn {
  return define('basket', definition);
}

function define<P, I>(kind: Meta['kind'], { read, price }: Definition<P, I>): BuiltIn {
  return {
    kind,
    configure(raw) {
      const reader = new ParamReader(raw, 'params');
      const params = read(reader);
      const problems = reader.close();
      if (problems.length > 0) throw PricingFailure.rules(problems);
      // The engine passes lines only to strategies of kind `line`, and baskets only to the others.
      return (input, ctx) => price(input as I, params, ctx);
    },
    amountsIn(raw) {
      const reader = new ParamReader(raw, 'params');
      read(reader);
      return reader.amounts;
    },
  };
}

/** Reads parameters from JSON, collecting every problem before it throws. */
export class ParamReader {
  /** The paths of the amounts read so far. */
  readonly amounts: string[] = [];
  private readonly fields: Readonly<Record<string, unknown>>;
  private readonly path: string;
  private readonly problems: string[] = [];
  private readonly known = new Set<string>();

  constructor(params: unknown, path: string) {
    const isObject = typeof params === 'object' && params !== null && !Array.isArray(params);
    this.fields = isObject ? { ...params } : {};
    this.path = path;
    if (!isObject) this.problems.push(`${path}: expected an object`);
  }

  has(name: string): boolean {
    this.known.add(name);
    return this.fields[name] !== undefined;
  }

  integer(name: string, min: number): number {
    const value = this.take(name);
    if (Number.isSafeInteger(value) && (value as number) >= min) return value as number;
    return this.refuse(name, `a whole number, at least ${min}`, min);
  }

  /** An amount of money in minor units. */
  amount(name: string, min: number): number {
    this.amounts.push(`${this.path}.${name}`);
    return this.integer(name, min);
  }

  /** More than 0 and at most 100, with up to two decimals; returned in hundredths of a percent. */
  percent(name: string): number {
    const value = this.take(name);
    if (typeof value === 'number') {
      const hundredths = Math.round(value * 100);
      const isExact = Math.abs(value * 100 - hundredths) < 1e-9;
      if (isExact && hundredths > 0 && hundredths <= 10_000) return hundredths;
    }
    return this.refuse(name, 'more than 0, at most 100, two decimals at most', 1);
  }

  text(name: string): string {
    const value = this.take(name);
    if (typeof value === 'string' && value !== '') return value;
    return this.refuse(name, 'a text', '');
  }

  flag(name: string): boolean {
    const value = this.take(name);
    if (typeof value === 'boolean') return value;
    return this.refuse(name, 'true or false', false);
  }

  oneOf<const T extends string>(name: string, choices: readonly T[]): T {
    const value = this.take(name);
    const choice = choices.find((candidate) => candidate === value);
    return choice ?? this.refuse(name, choices.join(', '), choices[0] as T);
  }

  /** Undefined stands for the market's own rounding. */
  rounding(): Rounding | undefined {
    return this.has('rounding') ? this.oneOf('rounding', ROUNDINGS) : undefined;
  }

  /** A non-empty list, each entry with a reader of its own. */
  list<T>(name: string, read: (entry: ParamReader) => T): T[] {
    const value = this.take(name);
    if (!Array.isArray(value) || value.length === 0) {
      return this.refuse(name, 'a list that is not empty', []);
    }
    return value.map((entry: unknown, index) => {
      const reader = new ParamReader(entry, `${this.path}.${name}[${index}]`);
      const result = read(reader);
      this.problems.push(...reader.close());
      this.amounts.push(...reader.amounts);
      return result;
    });
  }

  refuse<T>(name: string, expected: string, substitute: T): T {
    this.problems.push(`${this.path}.${name}: expected ${expected}`);
    return substitute;
  }

  /** Every problem found, including misspelt parameters. */
  close(): string[] {
    const unknown = Object.keys(this.fields).filter((name) => !this.known.has(name));
    return [...this.problems, ...unknown.map((name) => `${this.path}.${name}: no such parameter`)];
  }

  private take(name: string): unknown {
    this.known.add(name);
    return this.fields[name];
  }
}

/** Steps in one whole unit of a line; 1 if it is sold by the piece. */
export function stepsPerUnit({ unit }: Pick<Item, 'unit'>): number {
  return unit === undefined ? 1 : 10 ** unit.scale;
}

/** A number of steps in whole units, for a message: `1.5`. */
export function inUnits(steps: number, { unit }: Pick<Item, 'unit'>): string {
  const scale = unit?.scale ?? 0;
  if (scale === 0) return String(steps);
  const digits = String(steps).padStart(scale + 1, '0');
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, '');
}

/** An answer with one adjustment, and its hints. */
export function applied(
  code: string, amountMinor: number, units: number, message: string, hints: Priced['skipped'] = [],
): Priced {
  return { adjustments: [{ code, amountMinor, units, message }], skipped: hints };
}

/** An answer that leaves the price unchanged, with the reason. */
export function notApplied(code: string, reason: string, unitsNeeded?: number): Priced {
  const skip = unitsNeeded === undefined ? { code, reason } : { code, reason, unitsNeeded };
  return { adjustments: [], skipped: [skip] };
}
