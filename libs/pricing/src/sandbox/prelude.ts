import { ANSWER_LIMITS } from '../engine/answer.ts';
import { MONEY_PRELUDE } from './money-prelude.ts';

/** The values of a line's row: SKU, quantity, unit price, and the optional fields. */
export const ROW_LENGTH = 4;
/** The maximum of numbers in one answer: its status, two lengths, and the numbers of all entries. */
export const ANSWER_NUMBERS_MAX = 3 + ANSWER_LIMITS.entries * 7;
/** The room for the answers of a call: enough for the largest legal answers about 256 lines. */
export const NUMBERS_MAX = 16_384;
/** Characters of a meta as JSON. */
export const META_CHARS_MAX = 65_536;

/**
 * The first code of a context. It keeps references to the built-ins that it needs, and evaluates to `{ describe, adopt,
 * valuesOf }`. The realm is frozen (`REALM`) before any script comes.
 *
 * A script comes as a factory: a function that evaluates the script's module and returns its default export. It is
 * called anew for every answer, so a script's state ends with its answer. `alone` is the text of an export that is the
 * whole module except for constants (`PriceFactory`).
 *
 * `describe(factory)` returns the script's meta as JSON. `adopt(factory, isBasket, params, alone, buffer)` returns
 * `{ price, words }`. `price(ctx, inputs)` writes numbers into the buffer, which is the host's, and returns their
 * count, or 0 if there is no room. First comes the number of words so far. For each input a status follows and, if it
 * is 0, the adjustments and the skipped rules, with texts as indices into `words()`. Numbers are passed on unchanged,
 * so the host sees those that are not finite, and a batch costs a fraction of its JSON. Words are passed on only if
 * there are new ones. `ctx` is undefined if it is unchanged. A basket comes as its sums, or as the delta of
 * `KnownRows`. A single line may come as the values of its row and its net, after `inputs` and `patches`; a text that
 * many scripts get is then parsed once, by `valuesOf`. The host trusts none of the output.
 */
export const PRELUDE = String.raw`(() => {
'use strict';
const { parse, stringify } = JSON;
const { create, freeze, keys } = Object;
const { isArray } = Array;
const Numbers = Float64Array;
const OwnError = Error;
const slice = Function.prototype.call.bind(String.prototype.slice);
const sourceOf = Function.prototype.call.bind(Function.prototype.toString);
const copy = Function.prototype.call.bind(Array.prototype.slice);
const ROW_LENGTH = ${ROW_LENGTH};
const ENTRIES_MAX = ${ANSWER_LIMITS.entries};
// The numbers of one answer: a status, two lengths, and those of all entries.
const ANSWER_NUMBERS_MAX = ${ANSWER_NUMBERS_MAX};
const NUMBERS_MAX = ${NUMBERS_MAX};
const TEXT_MAX = ${ANSWER_LIMITS.textChars};
const META_MAX = ${META_CHARS_MAX};
const WORDS_MAX = 32;
const TOO_LONG = freeze({});

const deepFreeze = (value) => {
  if (typeof value !== 'object' || value === null) return value;
  freeze(value);
  const names = keys(value);
  for (let at = 0; at < names.length; at += 1) deepFreeze(value[names[at]]);
  return value;
};

${MONEY_PRELUDE}
const lineOf = (values, at, netMinor) => {
  const line = { sku: values[at], quantity: values[at + 1], unitPriceMinor: values[at + 2], netMinor };
  const more = values[at + 3];
  if (typeof more === 'string') {
    line.category = more;
  } else if (more !== null) {
    const [category, attributes, lots, unit, taxCategory] = more;
    if (unit !== undefined && unit !== null) line.unit = deepFreeze(unit);
    if (taxCategory !== undefined) line.taxCategory = taxCategory;
    if (category !== null) line.category = category;
    if (attributes !== null) line.attributes = deepFreeze(attributes);
    if (lots !== null) line.lots = deepFreeze(lots);
  }
  return freeze(line);
};
// True once a script reads the lines of a basket that has none. This flag decides, because the script may catch the error.
let missesLines = false;
const missLines = () => {
  missesLines = true;
  throw new TypeError('the lines of the basket are not here');
};
// Lines by number, and the lines of the latest basket by place.
const lines = [];
const last = [];
const basketOf = (text, patchesBuffer) => {
  const parsed = parse(text);
  const netMinor = parsed[0];
  if (patchesBuffer === undefined) {
    missesLines = false;
    return freeze({ get lines() { return missLines(); }, grossMinor: parsed[1], netMinor, coupons: freeze(parsed[2]) });
  }
  const own = parsed[1];
  const length = parsed[2];
  const base = parsed[3];
  const fresh = parsed[4];
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

// A thrown value may be a proxy that throws again, so every access to it is guarded.
const textOf = (thrown) => {
  try {
    const text = typeof thrown === 'string' ? thrown : thrown.message;
    return typeof text === 'string' ? slice(text, 0, 200) : '';
  } catch {
    return '';
  }
};
// Errors that a script throws while it loads are replaced by an error of our own, which the host can inspect.
const load = (work) => {
  try {
    return work();
  } catch (thrown) {
    throw new OwnError(textOf(thrown));
  }
};
const requirePrice = ({ price }) => {
  if (typeof price !== 'function') throw new TypeError('the default export has no price function, or an asynchronous one');
};
const describe = (factory) => load(() => {
  const strategy = factory();
  requirePrice(strategy);
  const text = stringify(strategy.meta);
  if (text !== undefined && text.length > META_MAX) throw new RangeError('the meta is too long');
  return text;
});

const adopt = (factory, isBasket, paramsText, alone, buffer) => {
  const params = deepFreeze(paramsText === '' ? undefined : parse(paramsText));
  // A script that consists of its price method alone has no variable in which to keep state.
  const onlyPrice = load(() => {
    const strategy = factory();
    requirePrice(strategy);
    return '{' + sourceOf(strategy.price) + '}' === alone ? strategy.price : undefined;
  });
  // The host limits bytes, so a text cannot have more characters than that. Only new texts take memory, so only they count here.
  const CHARS_MAX = isBasket ? ${ANSWER_LIMITS.bytes.basket} : ${ANSWER_LIMITS.bytes.line};
  let ctx;
  let knownWords = [];
  let knownPlaces = create(null);
  let wordCount = 0;
  const knownNumbers = new Numbers(buffer);

  const answerAll = (newCtxText, inputsText, patches, sku, quantity, unitPriceMinor, more, netMinor) => {
    if (newCtxText !== undefined) {
      const { now, market, currency, rounding } = parse(newCtxText);
      ctx = freeze({ now, market, currency, rounding, params, money: moneys[rounding] });
    }
    // Outside the try of each answer: after a failure here the content of this context is unknown.
    const inputs = isBasket ? [basketOf(inputsText, patches)]
      : inputsText === undefined ? [netMinor, sku, quantity, unitPriceMinor, more] : parse(inputsText);
    if (knownWords.length > WORDS_MAX) {
      knownWords = [];
      knownPlaces = create(null);
    }
    const only = onlyPrice;
    const words = knownWords;
    const places = knownPlaces;
    const before = words.length;
    const numbers = knownNumbers;
    let end = 1;
    // The nets of all lines come first, then their rows.
    const count = isBasket ? 1 : inputs.length / (ROW_LENGTH + 1);
    // One function with local variables: in QuickJS a call, or a captured variable, costs more than the work of
    // most of these lines.
    for (let index = 0; index < count; index += 1) {
      const begun = end;
      if (begun + ANSWER_NUMBERS_MAX > NUMBERS_MAX) return 0;
      let chars = 0;
      try {
        const price = only === undefined ? factory().price : only;
        const given = price(isBasket ? inputs[0] : lineOf(inputs, count + index * ROW_LENGTH, inputs[index]), ctx);
        const { adjustments, skipped, then } = given;
        if (typeof then === 'function') {
          numbers[end++] = 2;
          continue;
        }
        numbers[end++] = 0;
        // -1: not a list; -2: too long. A proxy of an array may have any length, so it is read once and the host checks it.
        let applied = isArray(adjustments) ? adjustments.length : -1;
        if (applied > ENTRIES_MAX) applied = -2;
        numbers[end++] = applied;
        for (let at = 0; at < applied; at += 1) {
          const { code, amountMinor, units, message } = adjustments[at];
          let place = -1;
          if (typeof code === 'string' && code.length <= TEXT_MAX) {
            place = places[code];
            if (place === undefined) {
              if ((chars += code.length) > CHARS_MAX) throw TOO_LONG;
              place = words.length;
              words[place] = code;
              places[code] = place;
            }
          }
          numbers[end++] = place;
          numbers[end++] = typeof amountMinor === 'number' ? amountMinor : NaN;
          numbers[end++] = units === undefined ? -1 : typeof units === 'number' && units >= 0 ? units : NaN;
          place = -1;
          if (typeof message === 'string' && message.length <= TEXT_MAX) {
            place = places[message];
            if (place === undefined) {
              if ((chars += message.length) > CHARS_MAX) throw TOO_LONG;
              place = words.length;
              words[place] = message;
              places[message] = place;
            }
          }
          numbers[end++] = place;
        }
        if (skipped === undefined) {
          numbers[end++] = 0;
          continue;
        }
        let hints = isArray(skipped) ? skipped.length : -1;
        if (hints > ENTRIES_MAX) hints = -2;
        numbers[end++] = hints;
        for (let at = 0; at < hints; at += 1) {
          const { code, reason, unitsNeeded: units } = skipped[at];
          let place = -1;
          if (typeof code === 'string' && code.length <= TEXT_MAX) {
            place = places[code];
            if (place === undefined) {
              if ((chars += code.length) > CHARS_MAX) throw TOO_LONG;
              place = words.length;
              words[place] = code;
              places[code] = place;
            }
          }
          numbers[end++] = place;
          place = -1;
          if (typeof reason === 'string' && reason.length <= TEXT_MAX) {
            place = places[reason];
            if (place === undefined) {
              if ((chars += reason.length) > CHARS_MAX) throw TOO_LONG;
              place = words.length;
              words[place] = reason;
              places[reason] = place;
            }
          }
          numbers[end++] = place;
          numbers[end++] = units === undefined ? -1 : typeof units === 'number' && units >= 0 ? units : NaN;
        }
      } catch (thrown) {
        end = begun;
        if (thrown === TOO_LONG) {
          numbers[end++] = 4;
        } else {
          numbers[end++] = 1;
          numbers[end++] = words.length;
          words[words.length] = textOf(thrown);
        }
      }
    }
    if (missesLines && isBasket && patches === undefined) {
      end = 1;
      numbers[end++] = 3;
    }
    wordCount += words.length - before;
    numbers[0] = wordCount;
    return end;
  };
  return { price: answerAll, words: () => stringify(knownWords) };
};
// A line's values have no objects among them, so they can be shown to every realm of this runtime.
const valuesOf = (text) => parse(text);
return { describe, adopt, valuesOf };
})()`;
