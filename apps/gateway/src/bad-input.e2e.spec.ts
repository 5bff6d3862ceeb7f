import { connect } from 'node:net';
import { startSystem, type TestSystem } from '@aisle/dev/testing';

const QUOTES = '/v1/markets/m1/quotes';
const BASKET = '/v1/markets/m1/baskets/bad';
const LINES = `${BASKET}/lines`;
const LINE = `${LINES}/GR1`;
const COMMANDS = `${BASKET}/commands`;
const MERGE = `${BASKET}/merge`;
const JSON_TYPE = { 'content-type': 'application/json' };

const BAD_BODIES: [what: string, body: string, code: string, status?: number][] = [
  ['no body', '', 'input.invalid'],
  ['bad JSON', '{"sku": "GR1"', 'json.malformed'],
  ['null', 'null', 'input.invalid'],
  ['a list of lists', '[[]]', 'input.invalid'],
  ['a number', '7', 'input.invalid'],
  ['an unknown property', '{"sku":"GR1","quantity":1,"items":["GR1"],"coupon":"X"}', 'input.invalid'],
  ['a __proto__ key', '{"sku":"GR1","__proto__":{"a":1}}', 'json.forbidden_key'],
  ['an escaped constructor key', '{"sku":"GR1","\\u0063onstructor":{}}', 'json.forbidden_key'],
  ['the same key twice', '{"sku":"GR1","sku":"SR1"}', 'json.duplicate_key'],
  ['40 levels', `${'['.repeat(40)}${']'.repeat(40)}`, 'json.too_deep'],
  ['30,000 levels', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 'json.too_deep'],
  ['a number that no double holds', '{"quantity":1e400}', 'json.number_inexact'],
  ['U+0000', '{"sku":"a\\u0000b"}', 'json.text_unstorable'],
  ['half of a surrogate pair', '{"sku":"\\ud800"}', 'json.text_unstorable'],
  ['a byte order mark', '\ufeff{"sku":"GR1"}', 'json.byte_order_mark'],
  ['300 kB', JSON.stringify({ sku: 'x'.repeat(300_000) }), 'body.too_large', 413],
];

const BAD_QUANTITIES = ['-1', '1.5', '1e9', '"1"', 'true', '[1]', 'null', '{}', '10000000000000000000'];

describe('the gateway, given bad input', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await startSystem();
  }, 120_000);

  afterAll(() => system.stop(), 60_000);

  describe.each([
    ['POST', QUOTES],
    ['POST', LINES],
    ['PUT', LINE],
    ['POST', COMMANDS],
    ['POST', MERGE],
  ])('%s %s', (method, path) => {
    it.each(BAD_BODIES)('refuses %s', async (_what, body, code, status = 400) => {
      expect(await send(method, path, body)).toEqual(problem(status, code));
    });

    it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])(
      'refuses a body of type %s',
      async (type) => {
        const answer = await send(method, path, 'sku=GR1', { 'content-type': type });

        expect(answer).toEqual(problem(415, 'body.media_type'));
      },
    );
  });

  describe.each(BAD_QUANTITIES)('a quantity of %s', (quantity) => {
    it.each([
      ['POST', QUOTES, `{"items":[{"sku":"GR1","quantity":${quantity}}]}`],
      ['POST', LINES, `{"sku":"GR1","quantity":${quantity}}`],
      ['PUT', LINE, `{"quantity":${quantity}}`],
      ['POST', COMMANDS, `[{"op":"add","sku":"GR1","quantity":${quantity}}]`],
    ])('is refused by %s %s, which says what would be right', async (method, path, body) => {
      const answer = await send(method, path, body);

      expect(answer).toEqual(problem(400, 'input.invalid'));
      expect(answer.body.errors).toEqual([
        { path: expect.stringContaining('quantity'), message: expect.stringContaining('whole number from') },
      ]);
    });
  });

  it.each([
    ['POST', QUOTES, '{"items":["NOPE"]}', 422, 'product.unknown'],
    ['POST', LINES, '{"sku":"NOPE"}', 422, 'product.unknown'],
    ['PUT', `${LINES}/NOPE`, '{"quantity":1}', 422, 'product.unknown'],
    ['POST', COMMANDS, '[{"op":"set","sku":"NOPE","quantity":1}]', 422, 'product.unknown'],
    ['POST', COMMANDS, '[{"op":"buy","sku":"GR1"}]', 400, 'input.invalid'],
    ['POST', COMMANDS, '[]', 400, 'input.invalid'],
    ['POST', COMMANDS, JSON.stringify(Array(501).fill({ op: 'clear' })), 400, 'input.invalid'],
    ['POST', MERGE, '{"from":"bad","mode":"sum"}', 422, 'basket.merge_into_itself'],
    ['POST', MERGE, '{"from":"never-made","mode":"sum"}', 404, 'basket.missing'],
    ['POST', MERGE, '{"from":"never-made","mode":"min"}', 400, 'input.invalid'],
    ['POST', '/v1/markets/none/baskets/b/merge', '{"from":"a","mode":"sum"}', 404, 'market.unknown'],
    ['POST', LINES, '{"sku":""}', 400, 'input.invalid'],
    ['POST', '/v1/markets/none/quotes', '{"items":[]}', 404, 'market.unknown'],
    ['PUT', '/v1/markets/none/baskets/b', undefined, 404, 'market.unknown'],
    ['GET', '/v1/markets/m1/baskets/never-made', undefined, 404, 'basket.missing'],
    ['DELETE', '/v1/markets/m1/baskets/never-made', undefined, 404, 'basket.missing'],
    ['DELETE', '/v1/markets/m1/baskets/never-made/lines/GR1', undefined, 404, 'basket.missing'],
    ['GET', `/v1/markets/m1/baskets/${'x'.repeat(129)}`, undefined, 400, 'input.invalid'],
    ['GET', `/v1/markets/m1/baskets/${'x'.repeat(3_000)}`, undefined, 414, 'url.too_long'],
    ['GET', '/v1/markets/m1/baskets/a%00b', undefined, 400, 'input.invalid'],
    ['GET', '/v1/markets/m1/baskets/%E0%A4%A', undefined, 400, 'request.malformed'],
    ['GET', `${BASKET}/journal`, undefined, 404, 'basket.missing'],
    ['GET', `${BASKET}/journal?limit=0`, undefined, 400, 'input.invalid'],
    ['GET', `${BASKET}/journal?limit=many`, undefined, 400, 'input.invalid'],
    ['GET', `${BASKET}/journal?cursor=-1`, undefined, 400, 'input.invalid'],
    ['GET', `${BASKET}/journal?page=2`, undefined, 400, 'input.invalid'],
    ['GET', '/v1/nowhere', undefined, 404, 'route.unknown'],
    ['PATCH', BASKET, '{}', 404, 'route.unknown'],
  ])('answers %s %s %s with %i %s', async (method, path, body, status, code) => {
    expect(await send(method, path, body)).toEqual(problem(status, code));
  });

  it('refuses an Idempotency-Key that is too long', async () => {
    const answer = await send('POST', LINES, '{"sku":"GR1"}', {
      ...JSON_TYPE,
      'idempotency-key': 'k'.repeat(129),
    });

    expect(answer).toEqual(problem(400, 'idempotency.key_invalid'));
  });

  it.each([
    ['two Host headers', 'GET /v1/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', '400'],
    ['1,500 headers', `GET /v1/x HTTP/1.1\r\nHost: a\r\n${'a: b\r\n'.repeat(1_500)}\r\n`, '431'],
    ['something else than HTTP', 'hello\r\n\r\n', '400'],
  ])('refuses %s', async (_what, bytes, status) => {
    const answer = await raw(bytes);

    expect(answer).toContain(`HTTP/1.1 ${status}`);
    expect(answer).toContain('application/problem+json');
  });

  it('has logged no error, and no basket has changed', async () => {
    expect(system.errors()).toEqual([]);
    expect((await send('GET', BASKET)).status).toBe(404);
  });

  async function send(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = body === undefined ? {} : JSON_TYPE,
  ): Promise<Answer> {
    const response = await fetch(`${system.gatewayUrl}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: (await response.json()) as Answer['body'],
    };
  }

  function raw(bytes: string): Promise<string> {
    const { hostname, port } = new URL(system.gatewayUrl);
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      socket.setEncoding('utf8');
      socket.on('data', (chunk: string) => {
        answer += chunk;
        if (answer.includes('}')) socket.destroy();
      });
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });
  }
});

interface Answer {
  status: number;
  type: string | null;
  body: { code: string; detail: string; errors?: { path: string; message: string }[] };
}

function problem(status: number, code: string): Answer {
  return {
    status,
    type: expect.stringMatching(/^application\/problem\+json/) as string,
    body: expect.objectContaining({
      type: `urn:aisle:problem:${code}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      instance: expect.any(String),
      code,
      traceId: expect.any(String),
    }) as Answer['body'],
  };
}
