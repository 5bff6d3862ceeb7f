/** A JSON Schema as the OpenAPI document has it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema?: Schema }[];
  readonly requestBody?: Content & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, Content>>;
}

/** The part of an OpenAPI document that clients depend on. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The direction of a value: clients send requests, and read answers. */
type Side = 'sent' | 'read';

/**
 * The changes from one version of the API to another that can break a client of the first: an operation, an answer or a field that is
 * gone, a value that is no longer accepted, a parameter or field that became required, and a field that answers may now leave out.
 */
export function breakingChanges(before: ApiDocument, after: ApiDocument): string[] {
  const found: string[] = [];
  const compared = new Set<string>();

  for (const [path, operations] of Object.entries(before.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const at = `${method.toUpperCase()} ${path}`;
      const next = after.paths[path]?.[method];
      if (next) compareOperations(at, operation, next);
      else found.push(`${at} is gone`);
    }
  }
  return found;

  function compareOperations(at: string, was: Operation, is: Operation): void {
    const nameOf = ({ name, in: where }: { name: string; in: string }): string => `${where} ${name.toLowerCase()}`;
    const known = new Map((was.parameters ?? []).map((parameter) => [nameOf(parameter), parameter]));
    const present = new Map((is.parameters ?? []).map((parameter) => [nameOf(parameter), parameter]));
    for (const [name, parameter] of known) {
      const now = present.get(name);
      if (!now) found.push(`${at}: the parameter ${name} is gone`);
      else if (parameter.schema && now.schema) compareSchemas(`${at} ${name}`, parameter.schema, now.schema, 'sent');
    }
    for (const [name, { required }] of present) if (required && !known.get(name)?.required) found.push(`${at}: the parameter ${name} is required now`);
    if (is.requestBody?.required && !was.requestBody?.required) found.push(`${at}: the body is required now`);
    compareContents(`${at} body`, was.requestBody, is.requestBody, 'sent');
    for (const [status, answer] of Object.entries(was.responses)) {
      // Clients handle any failure by its kind.
      if (!status.startsWith('2')) continue;
      const now = is.responses[status];
      if (now) compareContents(`${at} ${status}`, answer, now, 'read');
      else found.push(`${at}: the answer ${status} is gone`);
    }
  }

  function compareContents(at: string, was: Content | undefined, is: Content | undefined, side: Side): void {
    for (const [type, { schema }] of Object.entries(was?.content ?? {})) {
      const now = is?.content?.[type];
      if (!now) found.push(`${at}: ${type} is gone`);
      else if (schema && now.schema) compareSchemas(at, schema, now.schema, side);
    }
  }

  function compareSchemas(at: string, was: Schema, is: Schema, side: Side): void {
    const pair = `${side} ${was.$ref ?? ''} ${is.$ref ?? ''}`;
    if (was.$ref !== undefined && is.$ref !== undefined) {
      // A schema may contain itself, and many operations share one.
      if (compared.has(pair)) return;
      compared.add(pair);
    }
    const [old, now] = [resolved(before.components.schemas, was), resolved(after.components.schemas, is)];
    const [choices, choicesNow] = [old.anyOf ?? old.oneOf, now.anyOf ?? now.oneOf];
    if (choices ?? choicesNow) return compareChoices(at, choices ?? [old], choicesNow ?? [now], side);
    compareTypes(at, typesOf(old), typesOf(now), side);
    compareValues(at, valuesOf(old), valuesOf(now), side);
    if (old.items && now.items) compareSchemas(`${at}[]`, old.items, now.items, side);
    compareFields(at, old, now, side);
  }

  function compareFields(at: string, was: Schema, is: Schema, side: Side): void {
    if (!was.properties || !is.properties) return;
    const [wasRequired, isRequired] = [new Set(was.required), new Set(is.required)];
    for (const [name, field] of Object.entries(was.properties)) {
      const now = is.properties[name];
      if (!now) found.push(`${at}.${name} is gone`);
      else compareSchemas(`${at}.${name}`, field, now, side);
      if (side === 'read' && wasRequired.has(name) && now && !isRequired.has(name)) found.push(`${at}.${name} may be absent now`);
    }
    if (side === 'sent') for (const name of isRequired) if (!wasRequired.has(name)) found.push(`${at}.${name} is required now`);
  }

  function compareTypes(at: string, was: readonly string[], is: readonly string[], side: Side): void {
    const [wanted, given] = side === 'sent' ? [was, is] : [is, was];
    if (given.length === 0) return;
    for (const type of wanted) if (!given.includes(type)) found.push(side === 'sent' ? `${at} no longer takes a value of type ${type}` : `${at} may be of type ${type} now`);
  }

  function compareValues(at: string, was: readonly string[] | undefined, is: readonly string[] | undefined, side: Side): void {
    if (side === 'sent') {
      for (const value of was ?? []) if (is && !is.includes(value)) found.push(`${at} no longer takes ${value}`);
      if (!was && is) found.push(`${at} takes only ${is.join(', ')} now`);
    } else if (was && !is) {
      found.push(`${at} may be anything now`);
    }
  }

  /** Alternatives have no names, so each old one needs a new one that takes or gives the same. */
  function compareChoices(at: string, was: readonly Schema[], is: readonly Schema[], side: Side): void {
    for (const choice of was) {
      if (side === 'sent' && !fitsOne(at, choice, is, side)) found.push(`${at} no longer takes one of its alternatives`);
    }
  }

  function fitsOne(at: string, choice: Schema, others: readonly Schema[], side: Side): boolean {
    return others.some((other) => breaks(() => compareSchemas(at, choice, other, side)).length === 0);
  }

  /** The changes that a comparison would find. */
  function breaks(compare: () => void): string[] {
    const [length, seen] = [found.length, new Set(compared)];
    compare();
    compared.clear();
    for (const pair of seen) compared.add(pair);
    return found.splice(length);
  }
}

function resolved(schemas: ApiDocument['components']['schemas'], schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : resolved(schemas, schemas[name] ?? {});
}

/** The types that a schema names. Whole numbers are numbers, too. */
function typesOf({ type = [] }: Schema): readonly string[] {
  const types = typeof type === 'string' ? [type] : type;
  return types.map((one) => (one === 'integer' ? 'number' : one));
}

/** The values to which a schema is limited; undefined if it is not. */
function valuesOf(schema: Schema): readonly string[] | undefined {
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  return schema.enum?.map((value) => JSON.stringify(value));
}
