/** The accepted durations, as an error text says them. `Infinity` means never, where an option allows it. */
const DURATION = 'a number of milliseconds from 0 on, or Infinity for never';

/**
 * Checks a waiting time in milliseconds and returns it. Throws a RangeError that names the option for NaN and negative
 * numbers, and a TypeError for any other type.
 */
export function checkDuration(name: string, ms: number): number {
  if (ms >= 0 && typeof ms === 'number') return ms;
  throw wrong(name, ms, DURATION);
}

/** Checks an interval in milliseconds and returns it. Like `checkDuration`, but also refuses 0. */
export function checkInterval(name: string, ms: number): number {
  if (ms > 0 && typeof ms === 'number') return ms;
  throw wrong(name, ms, 'a number of milliseconds above 0, or Infinity for never');
}

/** The accepted range of a number. */
export interface NumberRange {
  readonly min: number;
  /** Inclusive. No bound by default. */
  readonly max?: number;
  /** Whether fractions are accepted. */
  readonly isWhole?: boolean;
  /** Whether `Infinity` is accepted; it means "no bound". */
  readonly isEndless?: boolean;
}

/**
 * Checks a number and returns it; whole numbers only, unless the range says otherwise. Throws a RangeError or TypeError
 * that names the option.
 */
export function checkNumber(name: string, value: number, range: NumberRange): number {
  const { min, max = Infinity, isWhole = true, isEndless = false } = range;
  const isFit = value === Infinity ? isEndless : value >= min && value <= max && (!isWhole || Number.isSafeInteger(value));
  if (isFit && typeof value === 'number') return value;
  const upTo = max === Infinity ? `from ${min} on` : `from ${min} to ${max}`;
  throw wrong(name, value, `a ${isWhole ? 'whole ' : ''}number ${upTo}${isEndless ? ', or Infinity' : ''}`);
}

/**
 * Checks that a value is one of the given words and returns it. Throws a RangeError or TypeError that names the option.
 */
export function checkChoice<T extends string>(name: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  throw wrong(name, value, `one of ${choices.map((choice) => `"${choice}"`).join(', ')}`, 'string');
}

/** Checks a function and returns it. Throws a TypeError that names the option. */
export function checkFunction<T>(name: string, value: T): T {
  if (typeof value === 'function') return value;
  throw wrong(name, value, 'a function', 'function');
}

/** Checks a text and returns it. Throws a TypeError that names the option. */
export function checkText(name: string, value: string): string {
  if (typeof value === 'string') return value;
  throw wrong(name, value, 'a text', 'string');
}

/** Checks that an options object was given and returns it. Throws a TypeError that says what is missing. */
export function checkOptions<T>(name: string, value: T): T & object {
  if (typeof value === 'object' && value !== null) return value;
  throw wrong(name, value, 'an object', 'object');
}

// RangeError for a value of the right type that is out of range, TypeError for any other value.
function wrong(name: string, value: unknown, right: string, type = 'number'): Error {
  const Kind = typeof value === type && value !== null ? RangeError : TypeError;
  return new Kind(`${name} is ${shown(value)}; it must be ${right}`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
