import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { ProblemError, dataOf, itemsOf } from './answers.ts';
import { aisleClient } from './client.ts';

const BYTES_MAX = 10 * 1_024;
const ANNA = { market: 'm1', basket: 'anna / ben' };
const PROBLEM = { type: '/problems/basket.full', title: 'Basket: full', status: 422, detail: 'no room', instance: '', code: 'basket.full', traceId: '' };

describe('the client', () => {
  it('sends a typed request, with its credential and with encoded parameters', async () => {
    const gateway = gatewayOf(Response.json({ id: 'anna / ben' }));
    const aisle = aisleClient({ baseUrl: 'http://gateway', credential: 'aisle_1_secret', fetch: gateway.fetch });

    const { data } = await aisle.POST('/v1/markets/{market}/baskets/{basket}/lines', { params: { path: ANNA }, body: { sku: 'GR1' } });

    expect(data?.id).toBe('anna / ben');
    expect(gateway.sent[0]).toMatchObject({ method: 'POST', url: 'http://gateway/v1/markets/m1/baskets/anna%20%2F%20ben/lines' });
    expect(gateway.sent[0]?.headers.get('authorization')).toBe('Bearer aisle_1_secret');
  });

  it('has typed codes of failures, and throws them as errors on request', async () => {
    const gateway = gatewayOf(Response.json(PROBLEM, { status: 422 }), Response.json(PROBLEM, { status: 422 }));
    const aisle = aisleClient({ baseUrl: 'http://gateway', fetch: gateway.fetch });
    const add = () => aisle.POST('/v1/markets/{market}/baskets/{basket}/lines', { params: { path: ANNA }, body: { sku: 'GR1' } });

    const { error } = await add();

    // @ts-expect-error adding a line never answers this code
    expect(error?.code === 'basket.empty').toBe(false);
    expect(error?.code === 'basket.full').toBe(true);
    await expect(dataOf(add())).rejects.toMatchObject({ name: 'ProblemError', code: 'basket.full', status: 422, message: '422 basket.full: no room' });
  });

  it('describes an answer of something before the gateway', async () => {
    const gateway = gatewayOf(new Response('<html>', { status: 502, statusText: 'Bad Gateway' }));
    const aisle = aisleClient({ baseUrl: 'http://gateway', fetch: gateway.fetch });

    const failure = await dataOf(aisle.GET('/v1/markets')).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(ProblemError);
    expect(failure).toMatchObject({ code: 'http.502', status: 502 });
  });

  it('reads a list page by page, and only as far as it is asked', async () => {
    const page = (ids: string[], next: string | null): Response => Response.json({ items: ids.map((id) => ({ id })), next });
    const gateway = gatewayOf(page(['1', '2'], 'a b'), page(['3'], 'c'));
    const aisle = aisleClient({ baseUrl: 'http://gateway', fetch: gateway.fetch });
    const ids: string[] = [];

    for await (const { id } of itemsOf((place) => aisle.GET('/v1/orders', { params: { query: { market: 'm1', ...place } } }))) {
      ids.push(id);
      if (id === '3') break;
    }

    expect(ids).toEqual(['1', '2', '3']);
    expect(gateway.sent.map(({ url }) => new URL(url).search)).toEqual(['?market=m1', '?market=m1&cursor=a%20b']);
  });

  it('has at most 10 kB, with all that it imports', async () => {
    const { outputFiles } = await build({
      entryPoints: [join(__dirname, 'index.ts')], bundle: true, minify: true, format: 'esm', platform: 'browser', write: false,
    });

    expect(gzipSync(outputFiles[0]!.contents).length).toBeLessThan(BYTES_MAX);
  });

  it('knows every command that takes no key: all of them may be repeated, but for a new key and a rollback', () => {
    const { paths } = JSON.parse(readFileSync(join(__dirname, '../../../openapi/aisle.json'), 'utf8')) as OpenApi;
    const keyless = Object.entries(paths)
      .filter(([, { post }]) => post && !post.parameters?.some(({ name }) => name === 'Idempotency-Key'))
      .map(([path]) => path);

    expect(keyless.sort()).toEqual([
      '/v1/keys', '/v1/markets/{market}/quotes', '/v1/pipelines/{pipeline}/start', '/v1/pipelines/{pipeline}/stop', '/v1/strategies',
      '/v1/strategies/{name}/rollback', '/v1/strategies/{name}/versions/{version}/simulate', '/v1/strategies/{name}/versions/{version}/validate',
      '/v1/tokens',
    ]);
  });
});

interface OpenApi {
  readonly paths: Readonly<Record<string, { readonly post?: { readonly parameters?: readonly { readonly name: string }[] } }>>;
}

/** A gateway with the given answers, one for each request. */
function gatewayOf(...answers: Response[]) {
  const sent: Request[] = [];
  return {
    sent,
    fetch: async (request: Request): Promise<Response> => {
      sent.push(request);
      return answers.shift() ?? Response.error();
    },
  };
}
