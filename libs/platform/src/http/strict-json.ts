import { isUtf8 } from 'node:buffer';
import { failures } from '@aisle/std';
import { isExactNumber } from './exact-number.ts';

const DEPTH_MAX = 32;
const PATH_CHARS_MAX = 200;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

interface JsonError {
  /** The path of the value in the body, such as `items.0.quantity`. */
  readonly path: string;
  /** The requirement that the value does not meet. */
  readonly message: string;
}

const JsonFailure = failures('json', {
  notUtf8: ['invalid', 'the JSON is not in UTF-8, which it has to be (RFC 8259, section 8.1)'],
  byteOrderMark: ['invalid', 'JSON must not begin with a byte order mark (the bytes EF BB BF); leave it out'],
  malformed: ['invalid', (why: string) => `the body is not JSON: ${why}`],
  tooDeep: ['invalid', `the body nests deeper than ${DEPTH_MAX} levels`, () => ({ depthMax: DEPTH_MAX })],
  textUnstorable: ['invalid', 'a text of the body cannot be stored', (error: JsonError) => ({ errors: [error] })],
  numberInexact: [
    'invalid', 'a number of the body cannot be represented exactly; send it as a text',
    (error: JsonError) => ({ errors: [error] }),
  ],
  forbiddenKey: ['invalid', (key: string) => `the body has the key "${key}", which is refused`],
  duplicateKey: ['invalid', 'an object of the body has the same key twice', (key: string) => ({ key: key.slice(0, 128) })],
});

/**
 * Parses JSON (RFC 8259) in UTF-8, and refuses input that is hostile or would change its value. That is: duplicate keys in an object,
 * nesting deeper than 32 levels, keys that reach a prototype, U+0000 and unpaired surrogates in texts, and numbers that a double
 * does not hold exactly. Throws an `invalid` failure that names the problem; for texts and numbers it also gives the path.
 */
export function parseStrictJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw JsonFailure.notUtf8();
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) throw JsonFailure.byteOrderMark();
  const text = bytes.toString();
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch (error) {
    throw JsonFailure.malformed((error as Error).message);
  }
  check(text);
  return value;
}

const QUOTE = 0x22;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const SPACE = 0x20;
const UPPER_E = 0x45;
// A double holds every decimal of up to 15 digits, unless an exponent takes it out of range.
const EXACT_CHARS_MAX = 15;

/** Checks JSON that `JSON.parse` has accepted, so the scan only has to tell texts and numbers from structure. */
function check(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  const hasEscapes = text.includes('\\');
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (hasEscapes) checkEscapes(text, at, end);
      if (keys && isKey(text, end)) addKey(keys, text.slice(at, end + 1));
      at = end;
    } else if (char === OPEN_OBJECT || char === OPEN_LIST) {
      open.push(char === OPEN_OBJECT ? new Set() : undefined);
      if (open.length > DEPTH_MAX) throw JsonFailure.tooDeep();
    } else if (char === CLOSE_OBJECT || char === CLOSE_LIST) {
      open.pop();
    } else if (char === MINUS || isDigit(char)) {
      at = checkNumber(text, at);
    }
  }
}

/** The index of the closing quote of the text that begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  if (text.charCodeAt(end - 1) !== BACKSLASH) return end;
  end = start + 1;
  for (let char = text.charCodeAt(end); char !== QUOTE; char = text.charCodeAt(end)) end += char === BACKSLASH ? 2 : 1;
  return end;
}

function isKey(text: string, end: number): boolean {
  let at = end + 1;
  while (text.charCodeAt(at) <= SPACE) at += 1;
  return text.charCodeAt(at) === COLON;
}

function isDigit(char: number): boolean {
  return char >= DIGIT_0 && char <= DIGIT_9;
}

/** Valid UTF-8 holds no unpaired surrogate, and JSON no raw U+0000, so only escapes can produce either. */
function checkEscapes(text: string, start: number, end: number): void {
  const token = text.slice(start, end + 1);
  if (!token.includes('\\u')) return;
  const value = JSON.parse(token) as string;
  if (!value.includes('\0') && value.isWellFormed()) return;
  throw JsonFailure.textUnstorable(errorAt(text, start, 'must hold no U+0000 and no half of a surrogate pair'));
}

/** Refuses a number that would change its value. Returns the index of its last character. */
function checkNumber(text: string, start: number): number {
  let end = start + 1;
  let char = text.charCodeAt(end);
  let isShort = true;
  // In well-formed JSON, only white space, a comma or a bracket ends a number.
  while (char > SPACE && char !== COMMA && char !== CLOSE_LIST && char !== CLOSE_OBJECT) {
    if (char >= UPPER_E) isShort = false;
    end += 1;
    char = text.charCodeAt(end);
  }
  if (isShort && end - start <= EXACT_CHARS_MAX) return end - 1;
  const token = text.slice(start, end);
  if (isExactNumber(token)) return end - 1;
  throw JsonFailure.numberInexact(
    errorAt(text, start, `must be a number that a double holds, and ${token.slice(0, 40)} would become ${Number(token)}`),
  );
}

function errorAt(text: string, at: number, message: string): JsonError {
  return { path: pathOf(text, at), message };
}

/** The path of the value at an index of the text, such as `items.0.quantity`. */
function pathOf(text: string, target: number): string {
  const path: (string | number)[] = [];
  for (let at = 0; at < target; at += 1) {
    const char = text.charCodeAt(at);
    const last = path.length - 1;
    if (char === OPEN_OBJECT) path.push('');
    else if (char === OPEN_LIST) path.push(0);
    else if (char === CLOSE_OBJECT || char === CLOSE_LIST) path.pop();
    else if (char === COMMA && typeof path[last] === 'number') path[last] += 1;
    else if (char === QUOTE) {
      const end = endOfString(text, at);
      if (typeof path[last] === 'string' && isKey(text, end)) path[last] = JSON.parse(text.slice(at, end + 1)) as string;
      at = end;
    }
  }
  return path.join('.').slice(0, PATH_CHARS_MAX);
}

function addKey(keys: Set<string>, token: string): void {
  const key = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
  if (FORBIDDEN_KEYS.has(key)) throw JsonFailure.forbiddenKey(key);
  if (keys.has(key)) throw JsonFailure.duplicateKey(key);
  keys.add(key);
}
