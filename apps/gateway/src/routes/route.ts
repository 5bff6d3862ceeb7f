import type { Readable } from 'node:stream';
import { applyDecorators, RequestMapping, RequestMethod, Res } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { charge } from '../rates/limit-rates.ts';
import type { RouteAnswers } from './answers.ts';
import type { Caller } from './caller.ts';
import { requireRevision } from './conditions.ts';
import { openApiDecorators, type RouteDescription } from './description.ts';

type Method = Exclude<keyof typeof RequestMethod, 'ALL'>;

/** The declaration of a route: its scope, the schemas of its input, its answers, and its description for clients. */
export interface RouteOptions<Path extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType, Reply> extends RouteDescription {
  readonly path?: Path;
  readonly query?: Query;
  readonly body?: Body;
  /** A valid body, shown in the OpenAPI document. */
  readonly example?: z.input<Body>;
  /** The units of the principal's limit that a valid body costs; 1 unless given. */
  readonly costs?: (body: z.output<Body>) => number;
  readonly answers: RouteAnswers<Reply>;
}

/** The arguments that Nest can pass to a handler, each in a tuple so that a union counts as one type. */
type HandlerArguments<Path, Query, Body> = [z.output<Path>] | [z.output<Query>] | [z.output<Body>] | [Caller] | [FastifyReply] | [Readable | undefined];
/** `unknown`, which demands nothing, if every parameter accepts one of the known arguments; otherwise a type that no handler has. */
type Fits<Parameters extends unknown[], Known> = Parameters extends [infer First, ...infer Rest]
  ? [Extract<Known, [First]>] extends [never] ? { readonly 'a parameter fits no schema of the route': First } : Fits<Rest, Known>
  : unknown;

/**
 * Makes a method of a controller the handler of a route, such as `POST lines`. Nest passes the validated values of `@Param()`,
 * `@Query()`, `@Body()` and `@Caller()`; the result is sent as the route declares. A handler whose parameters or result do not fit
 * the schemas does not compile. The name of the method is the `operationId` of the route, so it is unique among all controllers.
 */
export function Route<
  Reply, Path extends z.ZodType = z.ZodVoid, Query extends z.ZodType = z.ZodVoid, Body extends z.ZodType = z.ZodVoid,
>(at: Method | `${Method} ${string}`, options: RouteOptions<Path, Query, Body, Reply>) {
  const [method, path = ''] = at.split(' ') as [Method, string?];
  const { answers, costs } = options;
  return <Parameters extends unknown[]>(
    controller: object, name: string,
    descriptor: TypedPropertyDescriptor<(...parameters: Parameters) => Promise<Reply>> & Fits<Parameters, HandlerArguments<Path, Query, Body>>,
  ): void => {
    const handler = descriptor.value as Handler<Reply>;
    if (answers.send) {
      Res()(controller, name, handler.length);
      descriptor.value = answering(handler, name, { ...answers, costs: costs as Answering<Reply>['costs'], send: answers.send });
    }
    giveSchemas(controller, name, { [RouteParamtypes.PARAM]: options.path, [RouteParamtypes.QUERY]: options.query, [RouteParamtypes.BODY]: options.body });
    applyDecorators(
      RequestMapping({ path, method: RequestMethod[method] }),
      RouteConfig({ scope: options.scope, isForShoppers: options.isForShoppers === true, answersEtag: answers.conditions !== undefined, ...(options.accepts ? { accepts: options.accepts } : {}) }),
      ...openApiDecorators(options, { method, name }),
    )(controller, name, descriptor);
  };
}

type Answering<Reply> = RouteAnswers<Reply> & Required<Pick<RouteAnswers<Reply>, 'send'>> & { readonly costs: ((body: unknown) => number) | undefined };
type Handler<Reply> = (...parameters: unknown[]) => Promise<Reply>;

/**
 * Wraps a handler so that it sends its result; Nest passes the reply as one more parameter. An interceptor would do the same, but
 * it makes an observable of each result and doubles Nest's cost per request.
 */
function answering<Reply>(handler: Handler<Reply>, name: string, { key, conditions, costs, send }: Answering<Reply>): Handler<never> {
  const isEchoed = key === 'echoed';
  const needsRevision = conditions === 'required';
  async function answer(this: unknown, ...parameters: unknown[]): Promise<void> {
    const reply = parameters.pop() as FastifyReply;
    if (needsRevision) requireRevision(reply.request);
    if (isEchoed) void reply.header('idempotency-key', reply.request.caller.commandId);
    if (costs) await charge(reply, costs(reply.request.body) - 1);
    send(reply, await handler.apply(this, parameters));
  }
  return Object.defineProperty(answer, 'name', { value: name }) as Handler<never>;
}

/** Adds the schemas to the metadata of the parameters, where Nest's pipes and the OpenAPI document look for them. */
function giveSchemas(controller: object, name: string, schemas: Readonly<Record<number, z.ZodType | undefined>>): void {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller.constructor, name) ?? {}) as Record<string, object>;
  const withSchemas = Object.entries(parameters).map(([key, parameter]) => {
    // A key is the kind of the parameter and its index, such as `3:1`. A custom decorator has a text as its kind, such as `3xA…`.
    const schema = schemas[Number(key.split(':', 1)[0])];
    return [key, schema ? { ...parameter, schema } : parameter];
  });
  Reflect.defineMetadata(ROUTE_ARGS_METADATA, Object.fromEntries(withSchemas), controller.constructor, name);
}
