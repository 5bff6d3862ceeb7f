import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { breakingChanges, type ApiDocument } from './breaking-changes.ts';

const FOLDER = join(import.meta.dirname, '../../../../openapi');
const documentAt = (...path: string[]): ApiDocument => JSON.parse(readFileSync(join(FOLDER, ...path), 'utf8')) as ApiDocument;
const [latest = ''] = readdirSync(join(FOLDER, 'releases')).sort().reverse();

describe('the API', () => {
  it(`breaks no client of the release ${latest.replace('.json', '')}`, () => {
    expect(breakingChanges(documentAt('releases', latest), documentAt('aisle.json'))).toEqual([]);
  });
});

describe('breakingChanges', () => {
  it.each<[what: string, change: (api: Editable) => void, expected: string[]]>([
    ['an operation that is gone', (api) => delete api.paths['/v1/orders']!['post'], ['POST /v1/orders is gone']],
    ['a field of an answer that is gone', ({ components }) => delete components.schemas['Order']!.properties!['total'], ['POST /v1/orders 202.total is gone']],
    ['a field of an answer that became optional', ({ components }) => void (components.schemas['Order']!.required = ['id']), ['POST /v1/orders 202.total may be absent now']],
    ['a field of a body that became required', ({ components }) => void (components.schemas['NewOrder']!.required = ['market', 'note']), ['POST /v1/orders body.note is required now']],
    ['a field of a body that is gone', ({ components }) => delete components.schemas['NewOrder']!.properties!['note'], ['POST /v1/orders body.note is gone']],
    ['a value that is no longer taken', ({ components }) => void (components.schemas['Mode']!.enum = ['fast']), ['POST /v1/orders body.mode no longer takes "slow"']],
    ['a parameter that became required', (api) => void (api.paths['/v1/orders/{order}']!['get']!.parameters[0]!.required = true), ['GET /v1/orders/{order}: the parameter query view is required now']],
    ['an answer that is gone', (api) => delete api.paths['/v1/orders']!['post']!.responses['202'], ['POST /v1/orders: the answer 202 is gone']],
    ['an alternative that is no longer taken', ({ components }) => void components.schemas['NewOrder']!.properties!['line']!.anyOf!.pop(), ['POST /v1/orders body.line no longer takes one of its alternatives']],
    ['another type of a field', ({ components }) => void (components.schemas['Order']!.properties!['total']!.type = 'number'), ['POST /v1/orders 202.total may be of type number now']],
    ['a new operation', (api) => void (api.paths['/v1/new'] = { get: { parameters: [], responses: {} } }), []],
    ['a new field of an answer', ({ components }) => void (components.schemas['Order']!.properties!['by'] = { type: 'string' }), []],
    ['a new field of a body that may be absent', ({ components }) => void (components.schemas['NewOrder']!.properties!['by'] = { type: 'string' }), []],
    ['a value that answers may have as well', ({ components }) => components.schemas['Status']!.enum!.push('HELD'), []],
  ])('finds %s', (_what, change, expected) => {
    const after = api();
    change(after);

    expect(breakingChanges(api() as ApiDocument, after as ApiDocument)).toEqual(expected);
  });
});

interface EditableSchema {
  type?: string;
  $ref?: string;
  enum?: string[];
  properties?: Record<string, EditableSchema>;
  required?: string[];
  anyOf?: EditableSchema[];
}

interface Editable {
  paths: Record<string, Record<string, { parameters: { name: string; in: string; required?: boolean }[]; requestBody?: object; responses: Record<string, object> }>>;
  components: { schemas: Record<string, EditableSchema> };
}

function api(): Editable {
  const content = (name: string): object => ({ content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } } });
  return {
    paths: {
      '/v1/orders': { post: { parameters: [], requestBody: content('NewOrder'), responses: { 202: content('Order'), 404: content('Problem') } } },
      '/v1/orders/{order}': { get: { parameters: [{ name: 'view', in: 'query' }], responses: { 200: content('Order') } } },
    },
    components: {
      schemas: {
        Mode: { type: 'string', enum: ['fast', 'slow'] }, Status: { type: 'string', enum: ['PENDING'] }, Problem: { type: 'object' },
        NewOrder: {
          type: 'object', required: ['market'],
          properties: { market: { type: 'string' }, note: { type: 'string' }, mode: { $ref: '#/components/schemas/Mode' }, line: { anyOf: [{ type: 'string' }, { type: 'object', properties: {}, required: [] }] } },
        },
        Order: { type: 'object', required: ['id', 'total'], properties: { id: { type: 'string' }, total: { type: 'string' }, status: { $ref: '#/components/schemas/Status' } } },
      },
    },
  };
}
