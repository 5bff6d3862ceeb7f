/**
 * The prelude's `ctx.money`: `moneys` by rounding mode. It is the engine's arithmetic in QuickJS; a property test
 * compares the two.
 */
export const MONEY_PRELUDE = String.raw`
const { isSafeInteger, MAX_SAFE_INTEGER } = Number;
const { abs } = Math;
// This context has BigInt's literals, and no function of that name.
const evaluate = eval;
const toBigInt = (integer) => evaluate(integer + 'n');
const toNumber = Number;

const refuse = (operand) => { throw new TypeError('operand of money arithmetic is not valid: ' + operand); };
const requireInteger = (value, operand, min) => {
  if (!isSafeInteger(value) || value < min) refuse(operand);
};
const tooLarge = () => { throw new RangeError('amount is too large to be exact'); };
const goesUp = (rest, denominator, isOdd, rounding) => {
  if (rounding === 'down') return false;
  if (rounding === 'up') return true;
  const overHalf = rest - (denominator - rest);
  return overHalf > 0 || (overHalf === 0 && (rounding === 'half-up' || isOdd));
};
const mulDiv = (amountMinor, numerator, denominator, rounding) => {
  requireInteger(amountMinor, 'amountMinor', -MAX_SAFE_INTEGER);
  requireInteger(numerator, 'numerator', -MAX_SAFE_INTEGER);
  requireInteger(denominator, 'denominator', 1);
  if (rounding !== 'half-up' && rounding !== 'half-even' && rounding !== 'down' && rounding !== 'up') {
    refuse('rounding');
  }
  const product = amountMinor * numerator;
  if (!isSafeInteger(product)) return mulDivLarge(amountMinor, numerator, denominator, rounding);
  const magnitude = abs(product);
  const rest = magnitude % denominator;
  let quotient = (magnitude - rest) / denominator;
  if (rest > 0 && goesUp(rest, denominator, quotient % 2 === 1, rounding)) quotient += 1;
  return product < 0 && quotient > 0 ? -quotient : quotient;
};
const mulDivLarge = (amountMinor, numerator, denominator, rounding) => {
  const product = toBigInt(amountMinor) * toBigInt(numerator);
  const magnitude = product < 0n ? -product : product;
  const divisor = toBigInt(denominator);
  const rest = toNumber(magnitude % divisor);
  let quotient = magnitude / divisor;
  if (rest > 0 && goesUp(rest, denominator, quotient % 2n === 1n, rounding)) quotient += 1n;
  if (quotient > toBigInt(MAX_SAFE_INTEGER)) tooLarge();
  return toNumber(product < 0n ? -quotient : quotient);
};
const remainder = (amount, numerator, denominator) => {
  const product = amount * numerator;
  if (isSafeInteger(product)) return product % denominator;
  return toNumber((toBigInt(amount) * toBigInt(numerator)) % toBigInt(denominator));
};
const allocate = (totalMinor, given) => {
  requireInteger(totalMinor, 'totalMinor', -MAX_SAFE_INTEGER);
  if (!isArray(given)) refuse('weights');
  const { length } = given;
  const weights = [];
  let weightSum = 0;
  for (let at = 0; at < length; at += 1) {
    const weight = given[at];
    requireInteger(weight, 'weights', 0);
    weights[at] = weight;
    weightSum += weight;
  }
  if (!isSafeInteger(weightSum)) tooLarge();
  if (length === 0 && totalMinor !== 0) refuse('weights');
  if (length === 0) return [];
  if (weightSum === 0) return allocate(totalMinor, weights.map(() => 1));
  const magnitude = abs(totalMinor);
  const parts = [];
  const rests = [];
  let left = magnitude;
  for (let at = 0; at < length; at += 1) {
    const part = mulDiv(magnitude, weights[at], weightSum, 'down');
    parts[at] = part;
    rests[at] = remainder(magnitude, weights[at], weightSum);
    left -= part;
  }
  if (left > 0) {
    const byRest = rests.map((_, at) => at).sort((a, b) => rests[b] - rests[a]);
    for (let at = 0; at < left; at += 1) parts[byRest[at]] += 1;
  }
  return totalMinor < 0 ? parts.map((part) => (part === 0 ? 0 : -part)) : parts;
};
freeze(allocate);
const moneyOf = (rounding) => freeze({
  mulDiv: freeze((amountMinor, numerator, denominator, mode = rounding) => mulDiv(amountMinor, numerator, denominator, mode)),
  allocate,
});
const moneys = freeze({
  __proto__: null, 'half-up': moneyOf('half-up'), 'half-even': moneyOf('half-even'), down: moneyOf('down'), up: moneyOf('up'),
});
`;
