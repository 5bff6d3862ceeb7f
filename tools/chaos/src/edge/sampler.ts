// Makes requests from the OpenAPI document, each with at most one invalid place.
import type { Random } from '@aisle/std';
import { hostileHeaders, hostileParts, hostileValues } from './hostile-values.ts';

/** The parts of JSON Schema that the document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema?: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** The gateway's document, as far as requests are concerned. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** A request, and its hostile place. */
export interface Attack {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Names of existing things, by the names of parameters and properties. */
export type Known = Readonly<Record<string, readonly string[]>>;

/** Stands for one value of a body. */
const HOLE = '\u0001hole\u0001';

export class Sampler {
  private readonly operations: readonly { readonly path: string; readonly method: string; readonly operation: Operation }[];

  constructor(private readonly document: OpenApi, private readonly known: Known, private readonly random: Random) {
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })));
  }

  /** The number of operations. */
  get size(): number {
    return this.operations.length;
  }

  /** A request to the operation with this number (modulo their number), hostile in one place. */
  attack(number: number): Attack {
    const { path, method, operation } = this.operations[number % this.operations.length]!;
    const parameters = operation.parameters ?? [];
    const [mediaType, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
    const body = content && this.bodyOf(content.schema);
    const places = [...parameters.map(({ name }) => `${name}`), ...Array<string>(body ? 6 : 1).fill('body')];
    const place = this.draw(places);
    const parameter = parameters.find(({ name }) => name === place);
    const attacked = parameter ? undefined : this.hostileBody(body);
    const filled = this.fill(path, parameters, parameter);
    const sent = method === 'GET' || method === 'HEAD' ? undefined : (attacked?.json ?? body?.json);
    const type = sent === undefined ? {} : { 'content-type': mediaType ?? 'application/json' };
    return {
      what: `${method} ${path}, ${place}: ${attacked?.name ?? filled.name}`,
      method, path: filled.path, headers: { ...type, ...filled.headers },
      body: sent,
    };
  }

  private fill(template: string, parameters: readonly Parameter[], attacked: Parameter | undefined) {
    const query: string[] = [];
    const headers: Record<string, string> = { 'idempotency-key': `edge-${this.random.int(2 ** 31)}-${this.random.int(2 ** 31)}` };
    let [path, hostile] = [template, ''];
    for (const parameter of parameters) {
      const { name, in: where, required } = parameter;
      if (where === 'header') {
        if (parameter === attacked) headers[name.toLowerCase()] = hostile = this.draw(hostileHeaders);
        continue;
      }
      const drawn = parameter === attacked ? this.draw(hostileParts) : undefined;
      if (drawn) hostile = drawn.name;
      const part = drawn?.json ?? encodeURIComponent(this.draw(this.known[name] ?? ['1']));
      if (where === 'path') path = path.replace(`{${name}}`, part);
      else if (drawn || required) query.push(`${name}=${part}`);
    }
    return { path: query.length > 0 ? `${path}?${query.join('&')}` : path, headers, name: JSON.stringify(hostile) };
  }

  private hostileBody(body: { json: string; holes: readonly string[] } | undefined) {
    const { name, json } = this.draw(hostileValues);
    // One value of it, or the whole.
    const template = body && this.random.int(12) > 0 ? this.draw(body.holes) : HOLE;
    return { name, json: template.replace(HOLE, () => json) };
  }

  /** A valid body, and its `holes`: copies of it in which one value each is replaced by `HOLE`. */
  private bodyOf(schema: Schema): { json: string; holes: readonly string[] } {
    const value = this.sample(schema, '', 0);
    return { json: JSON.stringify(value), holes: this.holesIn(value) };
  }

  private holesIn(value: unknown): string[] {
    const quoted = JSON.stringify(HOLE);
    const around = (make: (inner: unknown) => unknown) => (inner: string) =>
      JSON.stringify(make(HOLE)).replace(quoted, () => inner);
    const inside = (parts: readonly (readonly [unknown, (inner: unknown) => unknown])[]): string[] =>
      parts.flatMap(([part, make]) => this.holesIn(part).map(around(make)));
    const own = [HOLE];
    if (Array.isArray(value)) {
      return [...own, ...inside(value.map((part, at) => [part, (inner) => value.with(at, inner)] as const))];
    }
    if (typeof value !== 'object' || value === null) return own;
    return [...own, ...inside(Object.entries(value).map(([key, part]) => [part, (inner) => ({ ...value, [key]: inner })] as const))];
  }

  private sample(schema: Schema, name: string, depth: number): unknown {
    const { $ref, anyOf, oneOf, allOf, enum: options, items, properties, required = [] } = schema;
    const known = this.known[name];
    if ('const' in schema) return schema.const;
    if (options) return this.draw(options);
    if ($ref !== undefined) return this.sample(this.document.components.schemas[$ref.split('/').at(-1)!]!, name, depth);
    const branches = anyOf ?? oneOf;
    if (branches) return this.sample(this.draw(branches), name, depth);
    if (allOf) return Object.assign({}, ...allOf.map((part) => this.sample(part, name, depth)));
    if (properties) {
      const wanted = Object.keys(properties).filter((key) => required.includes(key) || this.random.int(2) === 0);
      return Object.fromEntries(wanted.map((key) => [key, this.sample(properties[key]!, key, depth + 1)]));
    }
    if (items) return Array.from({ length: 1 + this.random.int(2) }, () => this.sample(items, name, depth + 1));
    if (known) return this.draw(known);
    switch (schema.type) {
      case 'integer':
      case 'number':
        return Math.max(schema.minimum ?? 1, 1);
      case 'boolean':
        return this.random.int(2) === 0;
      case 'null':
        return null;
      case 'string':
        return schema.format === 'date' ? '2031-01-31' : schema.format === 'date-time' ? '2031-01-31T00:00:00Z' : 'edge';
      case undefined:
      default:
        return 'edge';
    }
  }

  private draw<T>(from: readonly T[]): T {
    return from[this.random.int(from.length)] as T;
  }
}
