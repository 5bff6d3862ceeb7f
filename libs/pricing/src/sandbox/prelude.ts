/** How many values a line's row has: SKU, quantity, unit price, and what else there is. */
export const ROW_LENGTH = 4;

/**
 * What runs in a script's context before it: it takes away what would make answers depend on more
 * than the input, and keeps the built-ins that it needs from being replaced. It evaluates to a
 * function of the parameters that takes over the script and returns `{ meta, price, words }`.
 *
 * `price(ctx, inputs)` answers a buffer of numbers: how many words there have been so far, and for
 * each input a status and, if it is 0, the adjustments and the skipped rules, texts by their places in
 * `words()`. Numbers leave as they are, so the host sees what is not finite, and a batch costs a
 * fraction of its JSON; words leave only when there are new ones. `ctx` is undefined where it is the
 * same as before, and of a basket come its sums, or what `KnownRows` tells.
 *
 * `money` is the engine's own arithmetic, in QuickJS; a property test compares the two.
 */
export const PRELUDE = String.raw`(() => {
'use strict';
const { parse, stringify } = JSON;
const { create, defineProperty, freeze, keys } = Object;
const { isArray } = Array;
const { isSafeInteger, MAX_SAFE_INTEGER } = Number;
const { abs } = Math;
// This context has BigInt's literals, and no function of that name.
const evaluate = eval;
const toBigInt = (integer) => evaluate(integer + 'n');
const toNumber = Number;
const Numbers = Float64Array;
const EngineError = InternalError;
const slice = Function.prototype.call.bind(String.prototype.slice);
const copy = Function.prototype.call.bind(Array.prototype.slice);
const copyInto = Function.prototype.call.bind(Float64Array.prototype.set);
const head = Function.prototype.call.bind(ArrayBuffer.prototype.slice);
const ROW_LENGTH = ${ROW_LENGTH};
const ENTRIES_MAX = 32;
// Status and two lengths, and the numbers of all entries.
const ANSWER_NUMBERS_MAX = 3 + ENTRIES_MAX * 7;
const TEXT_MAX = 500;
const META_MAX = 65536;
const WORDS_MAX = 32;

for (const name of ['queueMicrotask', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry']) {
  delete globalThis[name];
}
delete Math.random;

const deepFreeze = (value) => {
  if (typeof value !== 'object' || value === null) return value;
  freeze(value);
  const names = keys(value);
  for (let at = 0; at < names.length; at += 1) deepFreeze(value[names[at]]);
  return value;
};

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
const allocate = (totalMinor, weights) => {
  requireInteger(totalMinor, 'totalMinor', -MAX_SAFE_INTEGER);
  if (!isArray(weights)) refuse('weights');
  const { length } = weights;
  let weightSum = 0;
  for (let at = 0; at < length; at += 1) {
    requireInteger(weights[at], 'weights', 0);
    weightSum += weights[at];
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
  mulDiv: freeze((amountMinor, numerator, denominator, told = rounding) => mulDiv(amountMinor, numerator, denominator, told)),
  allocate,
});
const moneys = freeze({
  __proto__: null, 'half-up': moneyOf('half-up'), 'half-even': moneyOf('half-even'), down: moneyOf('down'), up: moneyOf('up'),
});

const lineOf = (values, at, netMinor) => {
  const line = { sku: values[at], quantity: values[at + 1], unitPriceMinor: values[at + 2], netMinor };
  const more = values[at + 3];
  if (typeof more === 'string') {
    line.category = more;
  } else if (more !== null) {
    const [category, attributes, lots] = more;
    if (category !== null) line.category = category;
    if (attributes !== null) line.attributes = deepFreeze(attributes);
    if (lots !== null) line.lots = deepFreeze(lots);
  }
  return freeze(line);
};
// Of a basket without its lines; whatever the script makes of the error, it is not what counts.
let missesLines = false;
const missLines = () => {
  missesLines = true;
  throw new TypeError('the lines of the basket are not here');
};
// Lines by their numbers, and those of the last basket in their places.
const lines = [];
const last = [];
const basketOf = (text, patchesBuffer) => {
  const told = parse(text);
  const netMinor = told[0];
  if (patchesBuffer === undefined) {
    missesLines = false;
    return freeze({ get lines() { return missLines(); }, grossMinor: told[1], netMinor, coupons: freeze(told[2]) });
  }
  const own = told[1];
  const length = told[2];
  const base = told[3];
  const fresh = told[4];
  const patches = new Numbers(patchesBuffer);
  lines.length = base;
  if (last.length > length) last.length = length;
  for (let at = 0; at < patches.length; at += 3) {
    const number = patches[at + 1];
    const net = patches[at + 2];
    let line = lines[number];
    if (line === undefined) lines[number] = line = lineOf(fresh, (number - base) * ROW_LENGTH, net);
    else if (line.netMinor !== net) lines[number] = line = freeze({ ...line, netMinor: net });
    last[patches[at]] = line;
  }
  return freeze({ lines: freeze(copy(last)), grossMinor: own[0], netMinor, coupons: freeze(own[1]) });
};

const numbersOf = (length) => {
  const numbers = new Numbers(length);
  // Its slices are buffers of the same kind, whatever a script makes of that kind.
  defineProperty(numbers.buffer, 'constructor', { value: undefined });
  return numbers;
};

const textOf = (thrown) => {
  try {
    const text = typeof thrown === 'string' ? thrown : thrown.message;
    return typeof text === 'string' ? slice(text, 0, 200) : '';
  } catch {
    return '';
  }
};
return (isBasket, paramsText) => {
  const params = deepFreeze(paramsText === '' ? undefined : parse(paramsText));
  const strategy = globalThis.strategy.default;
  const { meta, price } = strategy;
  if (typeof price !== 'function') throw new TypeError('the default export has no price function');
  let ctx;
  let knownWords = [];
  let knownPlaces = create(null);
  let wordCount = 0;
  let knownNumbers = numbersOf(1024);
  const moreNumbers = () => {
    const more = numbersOf(knownNumbers.length * 2);
    copyInto(more, knownNumbers);
    knownNumbers = more;
    return more;
  };

  const answerAll = (newCtxText, inputsText, patches) => {
    if (newCtxText !== undefined) {
      const { now, market, currency, rounding } = parse(newCtxText);
      ctx = freeze({ now, market, currency, rounding, params, money: moneys[rounding] });
    }
    // Not among what may fail on its own: after a failure here nobody knows what this context knows.
    const inputs = isBasket ? [basketOf(inputsText, patches)] : parse(inputsText);
    if (knownWords.length > WORDS_MAX) {
      knownWords = [];
      knownPlaces = create(null);
    }
    const words = knownWords;
    const places = knownPlaces;
    const before = words.length;
    let numbers = knownNumbers;
    let end = 1;
    // The nets of all lines come first, then their rows.
    const count = isBasket ? 1 : inputs.length / (ROW_LENGTH + 1);
    // One function with everything in locals: a call, or a captured variable, costs QuickJS more
    // than what most of these lines do.
    for (let index = 0; index < count; index += 1) {
      const begun = end;
      if (begun + ANSWER_NUMBERS_MAX > numbers.length) numbers = moreNumbers();
      try {
        const given = price(isBasket ? inputs[0] : lineOf(inputs, count + index * ROW_LENGTH, inputs[index]), ctx);
        const { adjustments, skipped, then } = given;
        if (typeof then === 'function') {
          numbers[end++] = 2;
          continue;
        }
        numbers[end++] = 0;
        const applied = isArray(adjustments) && adjustments.length <= ENTRIES_MAX ? adjustments.length : -1;
        numbers[end++] = applied;
        for (let at = 0; at < applied; at += 1) {
          const { code, amountMinor, units, message } = adjustments[at];
          let place = typeof code === 'string' && code.length <= TEXT_MAX ? places[code] : -1;
          if (place === undefined) {
            place = words.length;
            words[place] = code;
            places[code] = place;
          }
          numbers[end++] = place;
          numbers[end++] = typeof amountMinor === 'number' ? amountMinor : NaN;
          numbers[end++] = units === undefined ? -1 : typeof units === 'number' && units >= 0 ? units : NaN;
          place = typeof message === 'string' && message.length <= TEXT_MAX ? places[message] : -1;
          if (place === undefined) {
            place = words.length;
            words[place] = message;
            places[message] = place;
          }
          numbers[end++] = place;
        }
        if (skipped === undefined) {
          numbers[end++] = 0;
          continue;
        }
        const hints = isArray(skipped) && skipped.length <= ENTRIES_MAX ? skipped.length : -1;
        numbers[end++] = hints;
        for (let at = 0; at < hints; at += 1) {
          const { code, reason, unitsNeeded: units } = skipped[at];
          let place = typeof code === 'string' && code.length <= TEXT_MAX ? places[code] : -1;
          if (place === undefined) {
            place = words.length;
            words[place] = code;
            places[code] = place;
          }
          numbers[end++] = place;
          place = typeof reason === 'string' && reason.length <= TEXT_MAX ? places[reason] : -1;
          if (place === undefined) {
            place = words.length;
            words[place] = reason;
            places[reason] = place;
          }
          numbers[end++] = place;
          numbers[end++] = units === undefined ? -1 : typeof units === 'number' && units >= 0 ? units : NaN;
        }
      } catch (thrown) {
        end = begun;
        numbers[end++] = thrown instanceof EngineError ? 3 : 1;
        numbers[end++] = words.length;
        words[words.length] = textOf(thrown);
      }
    }
    if (missesLines && isBasket && patches === undefined) {
      end = 1;
      numbers[end++] = 4;
    }
    wordCount += words.length - before;
    numbers[0] = wordCount;
    return head(numbers.buffer, 0, end * 8);
  };
  const describe = () => {
    const text = stringify(meta);
    if (text !== undefined && text.length > META_MAX) throw new RangeError('the meta is too long');
    return text;
  };
  return { meta: describe, price: answerAll, words: () => stringify(knownWords) };
};
})()`;
