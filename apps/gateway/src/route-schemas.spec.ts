import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner } from '@nestjs/core';
import type { z } from 'zod';
import { fieldsOf } from '@aisle/contracts/testing';
import type { CommandClient } from './commands/command-client.ts';
import { GatewayModule } from './gateway.module.ts';

const FIELDS = schemas().flatMap(({ route, schema }) => fieldsOf(schema, route));

describe('the routes of the gateway', () => {
  it('are looked at by these tests, their paths, queries and bodies', () => {
    const paths = FIELDS.map(({ path }) => path);

    expect(paths).toEqual(expect.arrayContaining([
      'BasketsController.add.market', 'ProductsController.list.category', 'ProductsController.create.description', 'OrdersController.list.cursor',
    ]));
  });

  it.each(['\0', 'a\0b', '\ud800', 'a\udc00'])('take %j in none of their texts', (text) => {
    expect(FIELDS.filter(({ schema }) => schema.safeParse(text).success).map(({ path }) => path)).toEqual([]);
  });
});

/** The schema of each parameter of each route, as Nest knows it. */
function schemas(): { route: string; schema: z.ZodType }[] {
  const { controllers = [] } = GatewayModule.with({} as CommandClient);
  return controllers.flatMap((controller) =>
    new MetadataScanner().getAllMethodNames(controller.prototype as object).flatMap((name) => {
      const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<string, { schema?: z.ZodType }>;
      return Object.values(parameters).flatMap(({ schema }) => (schema ? [{ route: `${controller.name}.${name}`, schema }] : []));
    }));
}
