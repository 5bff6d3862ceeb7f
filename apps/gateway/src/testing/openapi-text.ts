import { createHttpApp } from '@aisle/platform';
import { memoryContext } from '@aisle/platform/testing';
import { gateway } from '../gateway.app.ts';
import { openApiOf } from '../routes/openapi.ts';

/** The OpenAPI document of the gateway, as `openapi/aisle.json` has it. */
export async function openApiText(): Promise<string> {
  const context = memoryContext(gateway.config, { DATABASE_URL: 'postgres://nobody@localhost/none', ANONYMOUS_SCOPES: 'all' });
  const app = await createHttpApp(gateway.root(context), context.logger);
  try {
    return `${JSON.stringify(openApiOf(app), null, 2)}\n`;
  } finally {
    await app.close();
    await context.close();
  }
}
