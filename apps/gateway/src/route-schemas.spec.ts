import 'reflect-metadata';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryModule, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { z } from 'zod';
import { fieldsOf } from '@aisle/contracts/testing';
import { memoryContext } from '@aisle/platform/testing';
import { gateway } from './gateway.app.ts';

describe('the routes of the gateway', () => {
  let fields: ReturnType<typeof fieldsOf>;

  beforeAll(async () => {
    fields = (await schemas()).flatMap(({ route, schema }) => fieldsOf(schema, route));
  });

  it('are covered by these tests, with their paths, queries and bodies', () => {
    const paths = fields.map(({ path }) => path);

    expect(paths).toEqual(expect.arrayContaining([
      'BasketsController.addLine.market', 'ProductsController.listProducts.category', 'ProductsController.createProduct.description',
      'OrdersController.listOrders.cursor',
    ]));
  });

  it.each(['\0', 'a\0b', '\ud800', 'a\udc00'])('refuse %j in each of their texts', (text) => {
    expect(fields.filter(({ schema }) => schema.safeParse(text).success).map(({ path }) => path)).toEqual([]);
  });
});

/** The schemas of the parameters of all routes, from Nest's metadata. */
async function schemas(): Promise<{ route: string; schema: z.ZodType }[]> {
  const context = memoryContext(gateway.config, { DATABASE_URL: 'postgres://nobody@localhost/none' });
  const app = await Test.createTestingModule({ imports: [DiscoveryModule, gateway.root(context)] }).compile();
  const controllers = app.get(DiscoveryService).getControllers().map(({ metatype }) => metatype as new () => object);
  await context.close();
  return controllers.flatMap((controller) =>
    new MetadataScanner().getAllMethodNames(controller.prototype as object).flatMap((name) => {
      const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<string, { schema?: z.ZodType }>;
      return Object.values(parameters).flatMap(({ schema }) => (schema ? [{ route: `${controller.name}.${name}`, schema }] : []));
    }));
}
