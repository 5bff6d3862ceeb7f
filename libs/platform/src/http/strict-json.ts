import { Failure } from '@aisle/std';

const DEPTH_MAX = 32;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

class BadJson extends Failure {
  readonly kind = 'invalid';
  constructor(
    readonly code: string,
    message: string,
    details: Record<string, unknown> = {},
  ) {
    super(message, details);
  }
}

/**
 * JSON (RFC 8259) less what an honest client never sends: objects with a key twice, nesting deeper
 * than 32, and keys that would reach a prototype. Throws an `invalid` failure that says which.
 */
export function parseStrictJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch (error) {
    throw new BadJson('json.malformed', `the body is not JSON: ${(error as Error).message}`);
  }
  // What parses is well-formed, so the walk below only needs to tell strings from structure.
  walk(text);
  return value;
}

function walk(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : undefined);
      if (open.length > DEPTH_MAX) {
        throw new BadJson('json.too_deep', `the body nests deeper than ${DEPTH_MAX} levels`, {
          depthMax: DEPTH_MAX,
        });
      }
    } else if (char === '}' || char === ']') {
      open.pop();
    } else if (char === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys && nextIsColon(text, end + 1)) addKey(keys, text.slice(at, end + 1));
      at = end;
    }
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function nextIsColon(text: string, start: number): boolean {
  let at = start;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

function addKey(keys: Set<string>, token: string): void {
  const key = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
  if (FORBIDDEN_KEYS.has(key)) {
    throw new BadJson('json.forbidden_key', `the body has the key "${key}", which is refused`);
  }
  if (keys.has(key)) {
    throw new BadJson('json.duplicate_key', 'an object of the body has the same key twice', {
      key: key.slice(0, 128),
    });
  }
  keys.add(key);
}
