import { z } from 'zod';

/** A schema of the OpenAPI document. */
export type JsonSchema = Record<string, unknown>;

const COMPONENTS = '#/components/schemas/';

/** All schemas of the contracts that have an id, by id. */
export function components(): Record<string, JsonSchema> {
  const uri = (id: string): string => `${COMPONENTS}${id}`;
  const { schemas } = z.toJSONSchema(z.globalRegistry, { uri, io: 'input', override: withoutNoise });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, schema]),
  );
}

/** The JSON schema of a zod schema: a reference if it has an id, and inline otherwise. */
export function reference(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const id = z.globalRegistry.get(schema)?.id;
  if (id !== undefined) return { $ref: `${COMPONENTS}${id}` };
  const { $schema: _dialect, $defs: _components, ...inlined } = z.toJSONSchema(schema, { io, override: withoutNoise });
  return JSON.parse(JSON.stringify(inlined).replaceAll('"#/$defs/', `"${COMPONENTS}`)) as JsonSchema;
}

/** Those of the schemas to which something refers, directly or through others. */
export function usedIn(used: unknown, schemas: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const found = new Set<string>();
  const search = (part: unknown): void => {
    for (const [, id = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (found.has(id)) continue;
      found.add(id);
      search(schemas[id]);
    }
  };
  search(used);
  return Object.fromEntries(Object.entries(schemas).filter(([id]) => found.has(id)));
}

/** Leaves out the bounds of every safe integer, and the patterns of formats, which only repeat the format at length. */
function withoutNoise({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.format === 'date' || jsonSchema.format === 'date-time') delete jsonSchema.pattern;
}
