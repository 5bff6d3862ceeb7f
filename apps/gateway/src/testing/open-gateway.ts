import 'reflect-metadata';
import { FrameReceiver, FrameSender, reply, type Envelope } from '@aisle/broker';
import { PROTOCOLS, messagesIn, type IssuedKey, type NewKey } from '@aisle/contracts';
import { createHttpApp, type HttpApp } from '@aisle/platform';
import { memoryContext } from '@aisle/platform/testing';
import { systemRuntime as runtime } from '@aisle/std';
import { gateway } from '../gateway.app.ts';
import { openApiOf } from '../routes/openapi.ts';
import { prepareRoutes } from '../routes/prepare-routes.ts';

/** The administrator's key, and its digest for the configuration. */
export const ADMIN = {
  key: `aisle_admin_${'a'.repeat(43)}`,
  digest: '66d34fba71f8f450f7e45598853e53bfc23bbd129027cbb131a2f4ffd7878cd0',
};

/** The setting that signs shoppers' tokens. */
export const SHOPPER_TOKEN_KEYS = `test=${'t'.repeat(43)}`;

/** A route, as a client calls it, with an example of its body. */
export interface Operation {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Undefined for the pages of the documentation. */
  readonly scope: string | undefined;
  /** Whether it is open to shoppers. */
  readonly isForShoppers: boolean;
  readonly example?: unknown;
}

/** A gateway in this process. Behind it, no resource exists: each message is recorded, and answered with 404 `test.nothing`. */
export class TestGateway {
  private constructor(
    readonly app: HttpApp,
    readonly operations: readonly Operation[],
    readonly asked: Envelope[],
    private readonly context: ReturnType<typeof memoryContext>,
  ) {}

  static async start(environment: Readonly<Record<string, string>>, links?: Parameters<typeof memoryContext>[2]): Promise<TestGateway> {
    const context = memoryContext(gateway.config, { ADMIN_KEY_SHA256: ADMIN.digest, SHOPPER_TOKEN_KEYS, LOG_LEVEL: 'debug', ...environment }, links);
    const asked: Envelope[] = [];
    answerNothing(context.transport, asked);
    const app = await createHttpApp(gateway.root(context), context.logger);
    const routes: Omit<Operation, 'example'>[] = [];
    app.getHttpAdapter().getInstance().addHook('onRoute', ({ method, url, config }) => {
      for (const one of [method].flat()) routes.push({ method: one as Operation['method'], path: url, scope: config?.scope, isForShoppers: config?.isForShoppers === true });
    });
    prepareRoutes(app);
    const examples = examplesOf(app);
    await app.init();
    const operations = routes.map((route) => ({ ...route, example: examples.get(`${route.method} ${templateOf(route.path)}`) }));
    return new TestGateway(app, operations, asked, context as never);
  }

  /** All logged lines. */
  get logs(): string {
    return JSON.stringify(this.context.logs);
  }

  /** Calls a route under ids that are all `id`. */
  async call({ method, path, example }: Pick<Operation, 'method' | 'path' | 'example'>, key?: string, id = 'x') {
    const isImport = path.endsWith(':import');
    const body = isImport ? '{"name":"Tea","price":{"amount":1,"currency":"GBP"}}\n' : example === undefined ? undefined : JSON.stringify(example);
    const response = await this.app.inject({
      method, url: path.replaceAll('::', ':').replaceAll(/:[a-zA-Z]\w*(?=\/|$)/g, (name) => (name === ':import' ? name : encodeURIComponent(id))),
      headers: {
        // The only route that demands a version.
        ...(path.endsWith('/rollout') ? { 'if-match': '*' } : {}), ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': isImport ? 'application/x-ndjson' : 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: body }),
    });
    const isJson = /^application\/(problem\+)?json/.test(String(response.headers['content-type'])) && response.body !== '';
    return { status: response.statusCode, headers: response.headers, body: response.body, code: isJson ? response.json<{ code?: string }>().code : undefined };
  }

  /** Issues a key by the administrator's, or by another one. */
  async issue(wanted: Omit<NewKey, 'name'>, by: string = ADMIN.key): Promise<IssuedKey> {
    const response = await this.app.inject({
      method: 'POST', url: '/v1/keys', headers: { authorization: `Bearer ${by}` }, payload: { name: 'test', ...wanted },
    });
    if (response.statusCode !== 201) throw new Error(`no key was issued: ${response.body}`);
    return response.json<IssuedKey>();
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.context.close();
  }
}

function answerNothing(transport: ConstructorParameters<typeof FrameSender>[0]['transport'], asked: Envelope[]): void {
  const sender = new FrameSender({ transport, runtime });
  for (const queue of new Set(Object.values(PROTOCOLS).flatMap(messagesIn).map((message) => message.queue))) {
    new FrameReceiver({
      transport, runtime, queue,
      onEnvelope(envelope) {
        asked.push(envelope);
        reply(sender, envelope, { failure: { kind: 'missing', code: 'test.nothing', message: 'there is nothing here', details: {} } });
      },
    }).start();
  }
}

/** The documented bodies, by method and path. */
function examplesOf(app: HttpApp): Map<string, unknown> {
  const { paths } = openApiOf(app) as unknown as {
    paths: Record<string, Record<string, { requestBody?: { content?: Record<string, { examples?: Record<string, { value: unknown }> }> } }>>;
  };
  return new Map(Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, { requestBody }]) =>
    [`${method.toUpperCase()} ${path}`, requestBody?.content?.['application/json']?.examples?.['example']?.value] as const)));
}

function templateOf(path: string): string {
  return path.replaceAll('::', '\0').replaceAll(/:(\w+)/g, '{$1}').replaceAll('\0', ':');
}
