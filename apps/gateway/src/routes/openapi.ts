import type { HttpApp } from '@aisle/platform';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { z } from 'zod';
import { components, reference } from './description.ts';

/** Serves OpenAPI 3.1 at `/openapi.json`, and a page at `/docs`. */
export function serveOpenApi(app: HttpApp): void {
  SwaggerModule.setup('docs', app, openApiOf(app), { jsonDocumentUrl: 'openapi.json' });
}

/** Creates the OpenAPI document of an application from the schemas that validate its requests. */
export function openApiOf(app: HttpApp): OpenAPIObject {
  const settings = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Aisle')
    .setDescription('Baskets, prices, stock and orders of a supermarket chain.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .build();
  const document = SwaggerModule.createDocument(app, settings, {
    standardSchemaConverter: (schema: unknown) => ({ schema: reference(schema as z.ZodType, 'input') }),
  });
  document.components = { ...document.components, schemas: components() };
  // A literal colon is written twice in a route, and once in the document.
  document.paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, operations]) => [path.replace(/(::|:\{:)/g, ':'), operations]),
  );
  return document;
}
