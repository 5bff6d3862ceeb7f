/** The longest and the shortest that a duration may be; `Infinity` is never, where that makes sense. */
const DURATION = 'a number of milliseconds from 0 on, or Infinity for never';

/**
 * Checks milliseconds that somebody is to wait; returns them. Throws a RangeError that names the option for NaN and
 * what is negative, a TypeError for what is no number.
 */
export function checkDuration(name: string, ms: number): number {
  if (ms >= 0 && typeof ms === 'number') return ms;
  throw wrong(name, ms, DURATION);
}

/** Checks milliseconds between two runs of something that is repeated; returns them. As `checkDuration`, but for 0. */
export function checkInterval(name: string, ms: number): number {
  if (ms > 0 && typeof ms === 'number') return ms;
  throw wrong(name, ms, 'a number of milliseconds above 0, or Infinity for never');
}

/** What a number may be. */
export interface NumberRange {
  readonly min: number;
  /** Itself allowed; without a bound by default. */
  readonly max?: number;
  /** Whether a fraction will do. */
  readonly isWhole?: boolean;
  /** Whether `Infinity`, which is no bound, will do. */
  readonly isEndless?: boolean;
}

/** Checks a number, whole unless said otherwise; returns it. Throws a RangeError or TypeError that names the option. */
export function checkNumber(name: string, value: number, range: NumberRange): number {
  const { min, max = Infinity, isWhole = true, isEndless = false } = range;
  const isFit = value === Infinity ? isEndless : value >= min && value <= max && (!isWhole || Number.isSafeInteger(value));
  if (isFit && typeof value === 'number') return value;
  const upTo = max === Infinity ? `from ${min} on` : `from ${min} to ${max}`;
  throw wrong(name, value, `a ${isWhole ? 'whole ' : ''}number ${upTo}${isEndless ? ', or Infinity' : ''}`);
}

/** Checks one of a few words; returns it. Throws a RangeError or TypeError that names the option. */
export function checkChoice<T extends string>(name: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  throw wrong(name, value, `one of ${choices.map((choice) => `"${choice}"`).join(', ')}`, 'string');
}

/** Checks a function; returns it. Throws a TypeError that names the option. */
export function checkFunction<T>(name: string, value: T): T {
  if (typeof value === 'function') return value;
  throw wrong(name, value, 'a function', 'function');
}

/** Checks a text; returns it. Throws a TypeError that names the option. */
export function checkText(name: string, value: string): string {
  if (typeof value === 'string') return value;
  throw wrong(name, value, 'a text', 'string');
}

/** Checks that there are options at all; returns them. Throws a TypeError that says what is missing. */
export function checkOptions<T>(name: string, value: T): T & object {
  if (typeof value === 'object' && value !== null) return value;
  throw wrong(name, value, 'an object', 'object');
}

// A value of the right type is out of range; any other is of the wrong type.
function wrong(name: string, value: unknown, right: string, type = 'number'): Error {
  const Kind = typeof value === type && value !== null ? RangeError : TypeError;
  return new Kind(`${name} is ${shown(value)}; it must be ${right}`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
