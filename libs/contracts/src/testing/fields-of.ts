import type { z } from 'zod';

/** A field of a document that takes more than a fixed choice of values. */
export interface Field {
  /** The path of the field, such as `lines[].sku`. */
  readonly path: string;
  readonly schema: z.ZodType;
}

const FREE: ReadonlySet<string> = new Set(['string', 'number', 'unknown']);
const FIXED: ReadonlySet<string> = new Set(['boolean', 'enum', 'literal', 'null', 'never']);

/** Lists the fields of a schema: texts, numbers and free values. Throws on a kind of schema that it does not know. */
export function fieldsOf(schema: z.core.$ZodType, path = ''): Field[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (FREE.has(def.type)) return [{ path, schema: schema as z.ZodType }];
  if (FIXED.has(def.type)) return [];
  if (def.type === 'object') {
    const fields = Object.entries(def.shape).flatMap(([key, child]) => fieldsOf(child, path === '' ? key : `${path}.${key}`));
    return def.catchall ? [...fields, ...fieldsOf(def.catchall, `${path}.*`)] : fields;
  }
  if (def.type === 'array') return fieldsOf(def.element, `${path}[]`);
  if (def.type === 'union') return def.options.flatMap((option, at) => fieldsOf(option, `${path}|${at}`));
  if (def.type === 'record') return [...fieldsOf(def.keyType, `${path} key`), ...fieldsOf(def.valueType, `${path}.*`)];
  if (def.type === 'optional' || def.type === 'nullable' || def.type === 'default') return fieldsOf(def.innerType, path);
  // The schema after a transform checks its result.
  if (def.type === 'pipe') return fieldsOf((def.in as z.core.$ZodTypes)._zod.def.type === 'transform' ? def.out : def.in, path);
  throw new Error(`${path}: fieldsOf does not know schemas of type ${def.type}; add it there`);
}
