import type { HttpApp } from '@aisle/platform';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { z } from 'zod';
import { SHARED_HEADERS } from './responses.ts';
import { components, reference, usedIn } from './schemas.ts';
import { shareFailures } from './shared-failures.ts';

type ResponsesObject = NonNullable<NonNullable<OpenAPIObject['components']>['responses']>;

interface ExemplifiedParameter {
  readonly schema?: { readonly example?: unknown };
}

/** The topics of operations, in the order in which a client meets them. */
const TOPICS = {
  Quotes: 'Prices of lists of products, without a basket.',
  Baskets: 'Baskets of shoppers: each has one writer, and every change is acknowledged after it is stored.',
  Orders: 'Orders, from the reservation of their stock to their end.',
  Markets: 'Supermarkets, with their currency, rounding, taxes and thresholds.',
  Products: 'The range of a market: names, prices and codes of products.',
  Stock: 'Quantities, lots, movements, alerts and reservations of a market.',
  Strategies: 'Pricing rules, their versions and their rollout.',
  Keys: 'API keys, their scopes and their markets.',
  Consumers: 'Named consumers, and the messages that they received.',
  Pipelines: 'Demand-driven pipelines, whose settings can change while they run.',
} as const;

/** The page loads nothing from elsewhere, so it also works offline. Its styles are in the page itself. */
const PAGE_HEADERS = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
};

/** Serves OpenAPI 3.1 at `/openapi.json`, and a page at `/docs`, to which `/` leads. */
export function serveOpenApi(app: HttpApp): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/', (_request, reply) => reply.redirect('docs'));
  fastify.addHook('onRoute', (route) => {
    if (route.url === '/docs' || route.url.startsWith('/docs/')) route.onRequest = [(_request, reply, done) => done(void reply.headers(PAGE_HEADERS) as undefined)];
  });
  SwaggerModule.setup('docs', app, openApiOf(app), {
    jsonDocumentUrl: 'openapi.json', customSiteTitle: 'Aisle API',
    swaggerOptions: { tryItOutEnabled: true, displayRequestDuration: true, displayOperationId: true },
  });
}

/** Creates the OpenAPI document of an application from the schemas that validate its requests. */
export function openApiOf(app: HttpApp): OpenAPIObject {
  const settings = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Aisle')
    .setDescription('Baskets, prices, stock and orders of a supermarket chain. A gateway that is open for development asks for no credential.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'this gateway')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'an API key, or a JWT of staff or of a shopper' }, 'bearer')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'an API key, from server to server' }, 'apiKey')
    .addSecurityRequirements('bearer')
    .addSecurityRequirements('apiKey')
    .build();
  const document = SwaggerModule.createDocument(app, settings, {
    standardSchemaConverter: (schema: unknown) => ({ schema: reference(schema as z.ZodType, 'input') }),
  });
  document.tags = Object.entries(TOPICS).map(([name, description]) => ({ name, description }));
  // A literal colon is written twice in a route, and once in the document.
  document.paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, operations]) => [path.replace(/(::|:\{:)/g, ':'), operations]),
  );
  giveExamples(document.paths);
  const responses = shareFailures(document.paths);
  document.components = { ...document.components, responses: responses as ResponsesObject, headers: { ...SHARED_HEADERS }, schemas: usedIn([document.paths, responses], components()) };
  return document;
}

/** Moves the examples of parameters out of their schemas, to where every tool looks for them. */
function giveExamples(paths: OpenAPIObject['paths']): void {
  const operations = Object.values(paths).flatMap((path) => Object.values(path as Record<string, { parameters?: ExemplifiedParameter[] }>));
  for (const parameter of operations.flatMap(({ parameters = [] }) => parameters)) {
    const { example, ...schema } = parameter.schema ?? {};
    if (example !== undefined) Object.assign(parameter, { schema, example });
  }
}
