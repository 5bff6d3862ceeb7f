import { z } from 'zod';
import { isList } from '../list.ts';
import { shortcutOf } from './shortcut.ts';

/** The first problem of a value, and its path. */
export interface Mismatch {
  readonly path: (string | number)[];
  message: string;
}

/** Returns the parsed value, or `WRONG` after describing the problem in `mismatch`. */
export type Parser = (value: unknown, mismatch: Mismatch) => unknown;

/** The result of a parser for a value that does not match. */
export const WRONG = Symbol('wrong');

/**
 * Compiles a schema to a parser, which is about four times as fast as zod's. A value that needs no change is not copied.
 *
 * It is lenient where zod is strict, so that processes of two versions can talk. Unknown keys are dropped, and an undefined key
 * counts as absent. Otherwise it does what zod does: absent keys get their defaults, and a value is checked as at the edge.
 *
 * Throws on a kind of schema that it does not know.
 */
export function compile(schema: z.core.$ZodType): Parser {
  const make = PARSERS[schema._zod.def.type];
  if (!make) throw new Error(`a message cannot hold a schema of the type ${schema._zod.def.type}`);
  return make(schema);
}

const PARSERS: Readonly<Record<string, (schema: z.core.$ZodType) => Parser>> = {
  object: (schema) => withChecks(schema, objectParser(defOf<z.core.$ZodObjectDef>(schema))),
  array: (schema) => arrayParser(defOf<z.core.$ZodArrayDef>(schema)),
  union: (schema) => unionParser(defOf<z.core.$ZodUnionDef>(schema)),
  record: (schema) => withChecks(schema, recordParser(defOf<z.core.$ZodRecordDef>(schema))),
  optional: (schema) => optionalParser(compile(defOf<z.core.$ZodOptionalDef>(schema).innerType), undefined),
  nullable: (schema) => optionalParser(compile(defOf<z.core.$ZodNullableDef>(schema).innerType), null),
  default: (schema) => defaultParser(defOf<z.core.$ZodDefaultDef>(schema)),
  pipe: pipeParser,
  transform: leafParser,
  number: numberParser,
  string: stringParser,
  unknown: (schema) => (isPlain(schema) ? (value) => value : leafParser(schema)),
  enum: choiceParser,
  literal: choiceParser,
  boolean: (schema) => (value, mismatch) => (typeof value === 'boolean' ? value : explained(schema, value, mismatch)),
  null: leafParser,
  never: leafParser,
  custom: leafParser,
};

function defOf<Def>(schema: z.core.$ZodType): Def {
  return schema._zod.def as Def;
}

function objectParser({ shape }: z.core.$ZodObjectDef): Parser {
  const keys = Object.keys(shape);
  const parsers = keys.map((key) => compile(shape[key] as z.core.$ZodType));
  return (value, mismatch) => {
    if (!isPlainObject(value)) return wrong(mismatch, 'expected an object');
    const given = value;
    let made: Record<string, unknown> = given;
    let known = 0;
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string;
      const field = given[key];
      const result = (parsers[index] as Parser)(field, mismatch);
      if (result === WRONG) return wrongAt(mismatch, key);
      if (field !== undefined) known += 1;
      if (result === field) continue;
      if (made === given) made = { ...given };
      made[key] = result;
    }
    return hasOthers(given, known) ? only(keys, made) : made;
  };
}

function hasOthers(given: object, known: number): boolean {
  let count = 0;
  for (const _key in given) if ((count += 1) > known) return true;
  return false;
}

function only(keys: readonly string[], given: Record<string, unknown>): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const key of keys) if (given[key] !== undefined) made[key] = given[key];
  return made;
}

function arrayParser({ checks = [], element: item }: z.core.$ZodArrayDef): Parser {
  const element = compile(item);
  let [minimum, maximum] = [0, Infinity];
  for (const { _zod: { def } } of checks as z.core.$ZodChecks[]) {
    if (def.check === 'min_length') minimum = Math.max(minimum, def.minimum);
    else if (def.check === 'max_length') maximum = Math.min(maximum, def.maximum);
    else throw new Error(`a list in a message cannot be bounded by ${def.check}`);
  }
  const wanted = maximum === Infinity ? `at least ${minimum}` : minimum === 0 ? `at most ${maximum}` : `${minimum} to ${maximum}`;
  return (value, mismatch) => {
    if (!Array.isArray(value)) return wrong(mismatch, 'expected an array');
    if (value.length < minimum || value.length > maximum) return wrong(mismatch, `must have ${wanted} items`);
    let made: unknown[] = value;
    for (let index = 0; index < value.length; index += 1) {
      const result = element(value[index], mismatch);
      if (result === WRONG) return wrongAt(mismatch, index);
      if (result === value[index]) continue;
      if (made === value) made = [...(value as unknown[])];
      made[index] = result;
    }
    return made;
  };
}

function recordParser({ keyType, valueType }: z.core.$ZodRecordDef): Parser {
  const [keyParser, valueParser] = [compile(keyType), compile(valueType)];
  return (value, mismatch) => {
    if (!isPlainObject(value)) return wrong(mismatch, 'expected an object');
    const made: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(value)) {
      const result = keyParser(key, mismatch) === WRONG ? WRONG : valueParser(field, mismatch);
      if (result === WRONG) return wrongAt(mismatch, key);
      made[key] = result;
    }
    return made;
  };
}

function unionParser(def: z.core.$ZodUnionDef): Parser {
  const parsers = def.options.map(compile);
  const { discriminator } = def as z.core.$ZodDiscriminatedUnionDef;
  return discriminator === undefined ? firstParser(parsers) : chosenParser(discriminator, parsersByChoice(def, discriminator, parsers));
}

function firstParser(parsers: readonly Parser[]): Parser {
  return (value, mismatch) => {
    for (const parse of parsers) {
      const result = parse(value, mismatch);
      if (result !== WRONG) return result;
    }
    mismatch.path.length = 0;
    return wrong(mismatch, 'is none of the allowed alternatives');
  };
}

function chosenParser(discriminator: string, byChoice: ReadonlyMap<unknown, Parser>): Parser {
  const wanted = `expected ${[...byChoice.keys()].map((choice) => JSON.stringify(choice)).join(' or ')}`;
  return (value, mismatch) => {
    if (typeof value !== 'object' || value === null) return wrong(mismatch, 'expected an object');
    const parse = byChoice.get((value as Record<string, unknown>)[discriminator]);
    if (parse) return parse(value, mismatch);
    mismatch.message = wanted;
    return wrongAt(mismatch, discriminator);
  };
}

function parsersByChoice(def: z.core.$ZodUnionDef, discriminator: string, parsers: readonly Parser[]): ReadonlyMap<unknown, Parser> {
  const choices = def.options.map((option) => [...(option._zod.propValues?.[discriminator] ?? [])]);
  return new Map(choices.flatMap((values, index) => values.map((value) => [value, parsers[index] as Parser])));
}

function optionalParser(inner: Parser, absent: undefined | null): Parser {
  return (value, mismatch) => (value === absent ? value : inner(value, mismatch));
}

function defaultParser(def: z.core.$ZodDefaultDef): Parser {
  const inner = compile(def.innerType);
  return (value, mismatch) => (value === undefined ? def.defaultValue : inner(value, mismatch));
}

function pipeParser(schema: z.core.$ZodType): Parser {
  const def = defOf<z.core.$ZodPipeDef>(schema);
  const second = compile(def.out);
  if (isList(schema)) return second;
  const first = compile(def.in);
  return (value, mismatch) => {
    const result = first(value, mismatch);
    return result === WRONG ? WRONG : second(result, mismatch);
  };
}

/** Checks bounds and whole numbers here, and leaves other checks to zod. */
function numberParser(schema: z.core.$ZodType): Parser {
  const { checks = [], format } = schema._zod.def as z.core.$ZodNumberDef & { format?: string };
  const formats = new Set([format]);
  let [least, most] = [-Infinity, Infinity];
  for (const { _zod: { def } } of checks as z.core.$ZodChecks[]) {
    if (def.check === 'number_format') formats.add(def.format);
    else if (def.check === 'greater_than' && def.inclusive) least = Math.max(least, Number(def.value));
    else if (def.check === 'less_than' && def.inclusive) most = Math.min(most, Number(def.value));
    else return leafParser(schema);
  }
  const isWhole = formats.delete('safeint');
  formats.delete(undefined);
  if (formats.size > 0) return leafParser(schema);
  return (value, mismatch) => {
    const isRight = isWhole ? Number.isSafeInteger(value) : Number.isFinite(value);
    return isRight && (value as number) >= least && (value as number) <= most ? value : explained(schema, value, mismatch);
  };
}

function stringParser(schema: z.core.$ZodType): Parser {
  const shortcut = shortcutOf(schema);
  const parse = leafParser(schema);
  if (shortcut) return (value, mismatch) => (typeof value === 'string' && shortcut(value) ? value : parse(value, mismatch));
  if (!isPlain(schema) || 'format' in schema._zod.def) return parse;
  return (value, mismatch) => (typeof value === 'string' ? value : explained(schema, value, mismatch));
}

function choiceParser(schema: z.core.$ZodType): Parser {
  const choices = new Set<unknown>(schema._zod.values);
  return (value, mismatch) => (choices.has(value) ? value : explained(schema, value, mismatch));
}

/** Runs the schema with zod. */
function leafParser(schema: z.core.$ZodType): Parser {
  return (value, mismatch) => {
    const made = schema._zod.run({ value, issues: [] }, SYNCHRONOUS) as z.core.ParsePayload;
    return made.issues.length === 0 ? made.value : explained(schema, value, mismatch);
  };
}

/** Adds the refinements of the whole, which run once its parts are valid. */
function withChecks(schema: z.core.$ZodType, parse: Parser): Parser {
  const checks = schema._zod.def.checks ?? [];
  if (checks.length === 0) return parse;
  return (value, mismatch) => {
    const made = parse(value, mismatch);
    if (made === WRONG) return WRONG;
    const payload: z.core.ParsePayload = { value: made, issues: [] };
    for (const check of checks) void check._zod.check(payload as z.core.ParsePayload<never>);
    const [issue] = payload.issues;
    if (!issue) return payload.value;
    mismatch.path.unshift(...((issue.path ?? []) as (string | number)[]));
    return wrong(mismatch, issue.message ?? 'is not valid');
  };
}

function explained(schema: z.core.$ZodType, value: unknown, mismatch: Mismatch): typeof WRONG {
  const [issue] = z.core.safeParse(schema, value).error?.issues ?? [];
  mismatch.path.unshift(...((issue?.path ?? []) as (string | number)[]));
  return wrong(mismatch, issue?.message ?? 'is not valid');
}

function wrong(mismatch: Mismatch, message: string): typeof WRONG {
  mismatch.message = message;
  return WRONG;
}

function wrongAt({ path }: Mismatch, key: string | number): typeof WRONG {
  path.unshift(key);
  return WRONG;
}

/** Whether a value is a plain object. MessagePack can also carry dates and bytes, which must not pass as objects without fields. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isPlain(schema: z.core.$ZodType): boolean {
  return (schema._zod.def.checks ?? []).length === 0;
}

const SYNCHRONOUS: z.core.ParseContextInternal = { async: false };
