import { connect } from 'node:net';
import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { eventually } from '@aisle/std/testing';

const QUOTES = '/v1/markets/m1/quotes';
const BASKET = '/v1/markets/m1/baskets/bad';
const LINES = `${BASKET}/lines`;
const LINE = `${LINES}/GR1`;
const COMMANDS = `${BASKET}/commands`;
const MERGE = `${BASKET}/merge`;
const JSON_TYPE = { 'content-type': 'application/json' };
const TEXT = 'a text';

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

const LATIN_1 = Buffer.from('{"sku":"caf\xe9"}', 'latin1');

// Every text that a caller can send, each in an otherwise valid body.
const TEXTS: [method: string, path: string, body: unknown][] = [
  ['POST', QUOTES, { items: [TEXT, { sku: TEXT, quantity: 1 }] }],
  ['POST', LINES, { sku: TEXT }],
  ['POST', COMMANDS, ['add', 'set', 'remove'].map((op) => ({ op, sku: TEXT, ...(op === 'remove' ? {} : { quantity: 1 }) }))],
  ['POST', MERGE, { from: TEXT, mode: 'sum' }],
  ['POST', `${BASKET}/checkout`, { total: { amount: 1, currency: TEXT } }],
  ['PUT', '/v1/markets/bad', { currency: TEXT }],
  ['POST', '/v1/markets/bad/products', { sku: TEXT, name: TEXT, description: TEXT, category: TEXT, price: { amount: 1, currency: TEXT } }],
  ['PUT', '/v1/markets/bad/products/a', { name: TEXT, description: TEXT, category: TEXT, price: { amount: 1, currency: TEXT } }],
  ['PATCH', '/v1/markets/bad/products/a', { name: TEXT, description: TEXT, category: TEXT, price: { amount: 1, currency: TEXT } }],
  ['POST', '/v1/markets/bad/products/a/stock/adjustments', { delta: 1, reason: TEXT, lot: TEXT }],
  ['POST', '/v1/orders', { market: TEXT, lines: [{ sku: TEXT }] }],
  ['POST', '/v1/strategies', { source: TEXT }],
  ['PUT', '/v1/strategies/bad/rollout', { state: 'active', version: TEXT }],
  ['POST', '/v1/strategies/bad/versions/1/simulate', { market: TEXT, baskets: [{ items: [TEXT] }] }],
  ['POST', '/v1/consumers', { name: TEXT }],
  ['POST', '/v1/consumers/bad/messages', { body: { deep: [TEXT] } }],
];
const DATES: [method: string, path: string, body: object][] = [
  ['POST', '/v1/markets/bad/products', { name: 'a', price: { amount: 1, currency: 'GBP' } }],
  ['PUT', '/v1/markets/bad/products/a', { name: 'a', price: { amount: 1, currency: 'GBP' } }],
  ['PATCH', '/v1/markets/bad/products/a', {}],
  ['POST', '/v1/markets/bad/products/a/stock/adjustments', { delta: 1, reason: 'a' }],
];
const BAD_QUANTITIES = ['-1', '1.5', '1e9', '"1"', 'true', '[1]', 'null', '{}', '10000000000000000000'];

describe('the gateway, given bad input', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await startSystem();
  });

  afterAll(() => system.stop());

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
    ])('is refused by %s %s with a description of valid input', async (method, path, body) => {
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
    ['PATCH', BASKET, '{}', 405, 'method.not_allowed'],
  ])('answers %s %s %s with %i %s', async (method, path, body, status, code) => {
    expect(await send(method, path, body)).toEqual(problem(status, code));
  });

  it.each(['k'.repeat(129), ' ', '..', '\xe9', '\u00a0'])('refuses the Idempotency-Key %j', async (key) => {
    const answer = await send('POST', LINES, '{"sku":"GR1"}', { ...JSON_TYPE, 'idempotency-key': key });

    expect(answer).toEqual(problem(400, 'idempotency.key_invalid'));
  });

  describe.each(TEXTS)('%s %s', (method, path, body) => {
    it.each(['\0', 'a\0b', '\ud800', 'a\udc00b'])('refuses %j in each of its texts, and gives the path', async (text) => {
      const json = JSON.stringify(body);
      const places = json.split(JSON.stringify(TEXT)).length - 1;

      for (let place = 0; place < places; place += 1) {
        let at = 0;
        const hostile = json.replaceAll(JSON.stringify(TEXT), (right) => ((at += 1) - 1 === place ? JSON.stringify(text) : right));
        const answer = await send(method, path, hostile);
        expect(answer).toEqual(problem(400, 'json.text_unstorable'));
        expect(answer.body.errors).toMatchObject([{ path: expect.stringMatching(/./) }]);
      }
      expect(places).toBeGreaterThan(0);
    });
  });

  describe.each(DATES)('%s %s', (method, path, body) => {
    it.each(['0000-01-01', '0000-02-29', '2026-02-30', '2026-13-01', '10000-01-01', '-0001-01-01', '2026-1-1'])('refuses %s', async (expiresOn) => {
      const answer = await send(method, path, JSON.stringify({ ...body, expiresOn }));

      expect(answer).toEqual(problem(400, 'input.invalid'));
      expect(answer.body.errors).toMatchObject([{ path: 'expiresOn' }]);
    });
  });

  it.each(['%20', 'a%20', '%20a', '%C2%A0', 'a%E2%80%8B', '%EF%BB%BF', 'e%CC%81', '%2e%2e', '%2E', 'a%00b', '%E2%80%AEa'])(
    'refuses %s in a path', async (id) => {
      // `fetch` would remove dots from the URL, so this request is written as it is.
      const answer = await raw(`GET /v1/markets/m1/baskets/${id} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);

      expect(answer).toContain('HTTP/1.1 400');
      expect(answer).toContain('input.invalid');
    },
  );

  describe('on every route', () => {
    it('has the same bounds for limit', async () => {
      const lists = (await operations()).filter(({ parameters }) => parameters.includes('limit'));

      for (const { method, path } of lists) {
        for (const limit of ['0', '201', '-1', '1.5', '0x10', '1e2', '%205', '%2B5', '', '5%20', '\u0661', '1&limit=2']) {
          const answer = await send(method, `${path}?limit=${limit}`);
          expect(answer).toEqual(problem(400, 'input.invalid'));
          expect(answer.body.errors).toEqual([{ path: 'limit', message: 'must be a whole number from 1 to 200' }]);
        }
      }
      expect(lists.length).toBeGreaterThan(9);
    });

    it('refuses unknown query parameters', async () => {
      for (const { method, path } of await operations()) {
        expect({ method, path, ...(await send(method, `${path}?force=1`)) }).toEqual({ method, path, ...problem(400, 'input.invalid') });
      }
    });

    it('refuses a body that it does not take, in any encoding', async () => {
      const content = '{"lines":[{"sku":"GR1"}]}';
      const silent = (await operations()).filter(({ takesBody }) => !takesBody);

      for (const { method, path } of silent) {
        const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n`;
        for (const rest of [
          `Content-Length: ${content.length}\r\n\r\n${content}`,
          `Transfer-Encoding: chunked\r\n\r\n${content.length.toString(16)}\r\n${content}\r\n0\r\n\r\n`,
        ]) {
          const answer = await raw(head + rest);
          expect([method, path, answer.slice(9, 12), answer.includes('body.unexpected')]).toEqual([method, path, '400', true]);
        }
      }
      expect(silent.length).toBeGreaterThan(25);
    });

    it('refuses conditions that it cannot fulfil, and malformed ones', async () => {
      const untagged = (await operations()).filter(({ parameters }) => !parameters.includes('If-Match'));

      for (const { method, path } of untagged) {
        const [tagged, malformed] = [await send(method, path, undefined, { 'if-match': '"1"' }), await send(method, path, undefined, { 'if-match': '1' })];
        expect({ method, path, tagged, malformed }).toEqual({
          method, path, tagged: problem(412, 'precondition.unsupported'), malformed: problem(400, 'precondition.malformed'),
        });
      }
      expect(untagged.length).toBeGreaterThan(20);
    });
  });

  it('documents the refusals of every route', async () => {
    for (const { method, path, takesBody, statuses } of await operations()) {
      expect([method, path, statuses]).toEqual([method, path, expect.arrayContaining(takesBody ? ['400', '412', '413', '415'] : ['400', '412'])]);
    }
  });

  it('publishes patterns that every regular expression engine reads', async () => {
    const document = await (await fetch(`${system.gatewayUrl}/openapi.json`)).text();
    const patterns = [...document.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, json]) => JSON.parse(json ?? '') as string);

    expect(patterns.length).toBeGreaterThan(10);
    expect(patterns.filter((pattern) => /\\[pu]|\(\?[^:]/.test(pattern))).toEqual([]);
    for (const pattern of patterns) expect(() => new RegExp(pattern)).not.toThrow();
  });

  it('refuses bytes that are not UTF-8', async () => {
    expect(await send('POST', LINES, LATIN_1)).toEqual(problem(400, 'json.not_utf8'));
  });

  it.each([
    [{ 'content-type': 'application/json; charset=iso-8859-1' }, 'application/json in UTF-8'],
    [{ ...JSON_TYPE, 'content-encoding': 'gzip' }, 'application/json in UTF-8'],
  ])('refuses a body with %j, and names the accepted type', async (headers, right) => {
    const answer = await send('POST', LINES, '{"sku":"GR1"}', headers);

    expect(answer).toEqual(problem(415, 'body.media_type'));
    expect(answer.body.detail).toContain(right);
  });

  it.each(['Idempotency-Key', 'If-Match', 'If-None-Match', 'Content-Type', 'Content-Encoding', 'Last-Event-ID', 'Host'])(
    'refuses two %s headers', async (header) => {
      const answer = await raw(`PUT ${BASKET} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${`${header}: a\r\n`.repeat(2)}\r\n`);

      expect(answer).toContain('HTTP/1.1 400');
      expect(answer).toContain('header.repeated');
    },
  );

  it.each([
    ['two Host headers', 'GET /v1/x HTTP/1.1\r\nHost: localhost\r\nHost: b\r\n\r\n', '400'],
    ['1,500 headers', `GET /v1/x HTTP/1.1\r\nHost: localhost\r\n${'a: b\r\n'.repeat(1_500)}\r\n`, '431'],
    ['input that is not HTTP', 'hello\r\n\r\n', '400'],
  ])('refuses %s', async (_what, bytes, status) => {
    const answer = await raw(bytes);

    expect(answer).toContain(`HTTP/1.1 ${status}`);
    expect(answer).toContain('application/problem+json');
  });

  it('accepts an import after clients have disconnected in the middle of theirs', async () => {
    const { hostname, port } = new URL(system.gatewayUrl);
    for (let gone = 0; gone < 5; gone += 1) {
      const socket = connect(Number(port), hostname);
      socket.write('POST /v1/markets/bad/products:import HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: 9\r\n\r\n{}');
      await eventually(() => expect(socket.bytesWritten).toBeGreaterThan(100));
      socket.destroy();
    }

    await eventually(async () => {
      const answer = await fetch(`${system.gatewayUrl}/v1/markets/bad/products:import`, {
        method: 'POST', body: '{}\n', headers: { 'content-type': 'application/x-ndjson' },
      });
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('"done"')]);
    });
  });

  it('handles the next request of a connection after it refused an import without reading it', async () => {
    const unread = 'x'.repeat(300_000);
    const refused = `POST /v1/markets/bad/products:import HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n`
      + `Idempotency-Key: \u00e9\r\nContent-Length: ${unread.length}\r\n\r\n${unread}`;

    const answer = await raw(refused, `GET ${BASKET} HTTP/1.1\r\nHost: localhost\r\n\r\n`);

    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 404']);
  });

  it('has logged no error, and no basket has changed', async () => {
    expect(system.errors()).toEqual([]);
    expect((await send('GET', BASKET)).status).toBe(404);
  });

  /** Every route of the OpenAPI document, with its parameters filled in. */
  async function operations(): Promise<{ method: string; path: string; parameters: string[]; takesBody: boolean; statuses: string[] }[]> {
    const { paths } = (await (await fetch(`${system.gatewayUrl}/openapi.json`)).json()) as OpenApi;
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
        method: method.toUpperCase(), path: path.replace(/\{\w+\}/g, 'x'), parameters: parameters.map(({ name }) => name),
        takesBody: requestBody !== undefined, statuses: Object.keys(responses),
      })));
  }

  async function send(
    method: string,
    path: string,
    body?: string | Buffer,
    headers: Record<string, string> = body === undefined ? {} : JSON_TYPE,
  ): Promise<Answer> {
    const response = await fetch(`${system.gatewayUrl}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: (await response.json()) as Answer['body'],
    };
  }

  /** The answers on one connection. Each request is sent after the answer to the previous one. */
  function raw(first: string, ...next: string[]): Promise<string> {
    const { hostname, port } = new URL(system.gatewayUrl);
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(Number(port), hostname, () => socket.write(first));
      socket.setEncoding('utf8');
      socket.on('data', (chunk: string) => {
        answer += chunk;
        if (!answer.endsWith('}')) return;
        const request = next.shift();
        if (request) socket.write(request);
        else socket.destroy();
      });
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });
  }
});

interface OpenApi {
  paths: Record<string, Record<string, { parameters?: { name: string }[]; requestBody?: object; responses: object }>>;
}

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
      type: `/problems/${code}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      instance: expect.any(String),
      code,
      traceId: expect.any(String),
    }) as Answer['body'],
  };
}
