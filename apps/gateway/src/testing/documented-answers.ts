import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

interface Response {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, Response | { readonly $ref: string }>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** An answer of the gateway, with the request that it answers. */
export interface GivenAnswer {
  readonly method: string;
  /** Path and query of the request. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  /** The text of the body; undefined if it is not checked. */
  readonly text?: string;
}

const DOCUMENT = join(__dirname, '../../../../openapi/aisle.json');
const ID = 'https://aisle.example/openapi.json';
/** The headers that the document describes. Others belong to HTTP itself. */
const DESCRIBED = ['etag', 'location', 'retry-after', 'idempotency-key', 'idempotent-replayed', 'www-authenticate'];
/** Answers of paths and methods that the document does not have. */
const OUTSIDE: ReadonlySet<number> = new Set([204, 400, 404, 405, 414, 431]);

/** Compares answers with the OpenAPI document: status, headers and body. */
export class DocumentedAnswers {
  private readonly document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as OpenApi;
  private readonly ajv = new Ajv2020({ strict: false, validateFormats: false });
  private readonly routes = Object.keys(this.document.paths)
    // A literal segment takes precedence over a parameter.
    .sort((a, b) => (a.replaceAll(/\{\w+\}/g, '~') < b.replaceAll(/\{\w+\}/g, '~') ? -1 : 1))
    .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`) }));

  constructor() {
    this.ajv.addSchema({ ...this.document, $id: ID });
  }

  /** The first difference from the document; undefined if there is none. */
  differenceOf(answer: GivenAnswer): string | undefined {
    const difference = this.search(answer);
    return difference && `${answer.method} ${answer.path} → ${answer.status}: ${difference}`;
  }

  private search({ method, path, status, headers, text }: GivenAnswer): string | undefined {
    const [bare = ''] = path.split('?', 1);
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    const route = this.routes.find(({ path, pattern }) => pattern.test(bare) && this.document.paths[path]?.[verb]);
    if (!route) return OUTSIDE.has(status) ? undefined : 'the document has no such operation';
    const pointer = `#/paths/${escaped(route.path)}/${verb}/responses/${status}`;
    const found = this.document.paths[route.path]?.[verb]?.responses[status];
    if (!found) return 'the document has no such status';
    return this.differenceFrom('$ref' in found ? found.$ref : pointer, { headers, ...(method === 'HEAD' || text === undefined ? {} : { text }) });
  }

  private differenceFrom(pointer: string, { headers, text }: Pick<GivenAnswer, 'headers' | 'text'>): string | undefined {
    const { headers: described = {}, content } = this.at(pointer) as Response;
    const names = new Set(Object.keys(described).map((name) => name.toLowerCase()));
    const unknown = DESCRIBED.find((name) => headers.has(name) && !names.has(name));
    if (unknown !== undefined) return `the document has no header ${unknown} there`;
    const missing = Object.entries(described).find(([name, { required }]) => required && !headers.has(name));
    if (missing) return `the header ${missing[0]} is missing`;
    if (text === undefined) return undefined;
    if (!content) return text === '' ? undefined : 'the document has no body there';
    const [mediaType = ''] = (headers.get('content-type') ?? '').split(';', 1);
    if (!(mediaType in content)) return `the document has no ${mediaType} there`;
    return this.differenceIn(`${pointer}/content/${escaped(mediaType)}/schema`, mediaType, text);
  }

  private differenceIn(pointer: string, mediaType: string, text: string): string | undefined {
    if (mediaType === 'text/event-stream') return undefined;
    const validate = this.ajv.getSchema(`${ID}${pointer}`) as ValidateFunction;
    const bodies = mediaType === 'application/x-ndjson' ? text.split('\n').filter(Boolean) : [text];
    const wrong = bodies.find((body) => !validate(JSON.parse(body)));
    if (wrong === undefined) return undefined;
    validate(JSON.parse(wrong));
    return `${this.ajv.errorsText(validate.errors)} in ${wrong.slice(0, 500)}`;
  }

  private at(pointer: string): unknown {
    return pointer.split('/').slice(1).reduce<unknown>(
      (part, key) => (part as Record<string, unknown>)[key.replaceAll('~1', '/').replaceAll('~0', '~')], this.document,
    );
  }
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
