import { METHOD_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { MetadataScanner, ModulesContainer, type NestApplication } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';

export const JSON_TYPE = 'application/json';

/**
 * Derives the `FastifyContextConfig` of every controller route from the parameters of its handler. A route takes a body if the
 * handler has a `@Body`, and a query if it has a `@Query`. The handler's own `@RouteConfig` takes precedence. Call it before
 * the routes are registered.
 */
export function describeRouteInputs(app: Pick<NestApplication, 'get'>): void {
  const scanner = new MetadataScanner();
  for (const { controllers } of app.get(ModulesContainer).values()) {
    for (const { metatype } of controllers.values()) {
      const { prototype } = metatype as { prototype: Record<string, () => unknown> };
      for (const name of scanner.getAllMethodNames(prototype)) describe(metatype as object, prototype, name);
    }
  }
}

function describe(controller: object, prototype: Record<string, () => unknown>, name: string): void {
  const handler = prototype[name] as () => unknown;
  if (!Reflect.hasMetadata(METHOD_METADATA, handler)) return;
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as object;
  // A key is the kind of the parameter and its index, such as `3:1`. A custom decorator has a random text as its kind, such as `3xA…`.
  const kinds = new Set(Object.keys(parameters).map((key) => Number(key.split(':', 1)[0])));
  const own = (Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) ?? {}) as object;
  const input = { accepts: kinds.has(RouteParamtypes.BODY) ? [JSON_TYPE] : [], takesQuery: kinds.has(RouteParamtypes.QUERY) };
  RouteConfig({ ...input, ...own })(prototype, name, { value: handler });
}
