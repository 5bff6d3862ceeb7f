const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * Whether a JSON number keeps its value when it is parsed to a double and written again. `1.0` and `1e2` do;
 * 9007199254740993 and 1e400 do not.
 */
export function isExactNumber(token: string): boolean {
  const value = Number(token);
  const written = String(value);
  return written === token || (Number.isFinite(value) && decimalOf(token) === decimalOf(written));
}

/** The canonical form of a decimal: its digits without zeros at either end, and the power of ten. */
function decimalOf(token: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(token) ?? [];
  const digits = whole + fraction;
  let from = 0;
  let to = digits.length;
  while (digits[from] === '0') from += 1;
  while (to > from && digits[to - 1] === '0') to -= 1;
  if (from === to) return '0';
  return `${sign}${digits.slice(from, to)}e${Number(exponent) - fraction.length + digits.length - to}`;
}
