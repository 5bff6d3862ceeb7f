import { retryingFetch, type Fetch } from './retrying-fetch.ts';

const LINES = 'http://gateway/v1/markets/m1/baskets/anna/lines';

describe('retryingFetch', () => {
  it('repeats a command under its key until it is answered', async () => {
    const network = networkOf(503, 'lost', 504, 429, 201);

    const response = await retryingFetch({ fetch: network.fetch })(post(LINES));

    expect(response.status).toBe(201);
    expect(network.sent).toHaveLength(5);
    expect(new Set(network.sent.map(({ key }) => key)).size).toBe(1);
    expect(network.sent[0]?.key).toMatch(/^[0-9a-f]{32}$/);
    expect(network.sent.map(({ body }) => body)).toEqual(Array(5).fill('{"sku":"GR1"}'));
  });

  it('keeps a key of the caller', async () => {
    const network = networkOf(503, 200);

    await retryingFetch({ fetch: network.fetch })(post(LINES, { 'idempotency-key': 'mine' }));

    expect(network.sent.map(({ key }) => key)).toEqual(['mine', 'mine']);
  });

  it('gives a read no key', async () => {
    const network = networkOf('lost', 200);

    await retryingFetch({ fetch: network.fetch })(new Request(LINES));

    expect(network.sent.map(({ key }) => key)).toEqual([null, null]);
  });

  it.each([200, 304, 400, 404, 409, 412, 422, 500])('returns %s at once', async (status) => {
    const network = networkOf(status);

    expect((await retryingFetch({ fetch: network.fetch })(post(LINES))).status).toBe(status);
  });

  it('returns the last answer, or throws the last error, when patience ends', async () => {
    const once = { patienceMs: 0 };

    expect((await retryingFetch({ fetch: networkOf(503).fetch, ...once })(post(LINES))).status).toBe(503);
    await expect(retryingFetch({ fetch: networkOf('lost').fetch, ...once })(post(LINES))).rejects.toThrow('connection lost');
  });

  it('does not wait for longer than its patience', async () => {
    const network = networkOf({ status: 503, retryAfter: '3600' });

    expect((await retryingFetch({ fetch: network.fetch })(post(LINES))).status).toBe(503);
  });

  it('ends an attempt that is not answered in time, and sends another', async () => {
    const network = networkOf('silent', 200);

    expect((await retryingFetch({ fetch: network.fetch, attemptMs: 10 })(post(LINES))).status).toBe(200);
  });

  it('repeats a request whose answer was cut off', async () => {
    const network = networkOf('cut', 200);

    expect(await (await retryingFetch({ fetch: network.fetch })(post(LINES))).json()).toEqual({});
    expect(network.sent).toHaveLength(2);
  });

  it('ends when the caller does', async () => {
    const caller = new AbortController();
    const network = networkOf(503, 'silent');
    const answered = retryingFetch({ fetch: network.fetch })(new Request(LINES, { signal: caller.signal }));

    caller.abort(new Error('the shopper left'));

    await expect(answered).rejects.toThrow('the shopper left');
  });

  it('sends a rollback and a new key once, unless the rollback names the revision that it replaces', async () => {
    const rollback = 'http://gateway/v1/strategies/tea-deal/rollback';
    const blind = networkOf(504, 200);
    const sure = networkOf(504, 200);

    expect((await retryingFetch({ fetch: blind.fetch })(post(rollback))).status).toBe(504);
    expect((await retryingFetch({ fetch: networkOf(504).fetch })(post('http://gateway/v1/keys'))).status).toBe(504);
    expect((await retryingFetch({ fetch: sure.fetch })(post(rollback, { 'if-match': '"3"' }))).status).toBe(200);
  });
});

type Outcome = number | 'lost' | 'silent' | 'cut' | { readonly status: number; readonly retryAfter: string };

/** A network with the given outcomes, one for each attempt. */
function networkOf(...outcomes: Outcome[]): { fetch: Fetch; sent: { key: string | null; body: string }[] } {
  const sent: { key: string | null; body: string }[] = [];
  const fetch: Fetch = async (request) => {
    sent.push({ key: request.headers.get('idempotency-key'), body: await request.text() });
    const outcome = outcomes.shift();
    if (outcome === undefined) throw new Error('no further attempt was expected');
    if (outcome === 'lost') throw new TypeError('connection lost');
    if (outcome === 'silent') return silence(request.signal);
    if (outcome === 'cut') return new Response(cutOff(), { headers: { 'content-type': 'application/json' } });
    if (typeof outcome === 'object') return new Response('{}', { status: outcome.status, headers: { 'retry-after': outcome.retryAfter } });
    return new Response(outcome === 304 ? null : '{}', { status: outcome, headers: { 'content-type': 'application/json' } });
  };
  return { fetch, sent };
}

function silence(signal: AbortSignal): Promise<Response> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

function cutOff(): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{'));
      controller.error(new TypeError('connection lost'));
    },
  });
}

function post(url: string, headers: Record<string, string> = {}): Request {
  return new Request(url, { method: 'POST', body: '{"sku":"GR1"}', headers: { 'content-type': 'application/json', ...headers } });
}
