import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import findMyWay from 'find-my-way';
import { RequestFailure } from './refusal.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** The methods of each path, for requests whose path has no route for their method. */
export class RouteMethods {
  private readonly router;

  /** Records every route that is added from now on. */
  constructor(fastify: FastifyInstance, maxParamLength: number) {
    this.router = findMyWay({ maxParamLength });
    const noop = (): void => undefined;
    fastify.addHook('onRoute', ({ method, url, config }: RouteOptions) => {
      for (const each of METHODS) {
        if ((method === each || method.includes(each)) && !this.router.hasRoute(each, url)) this.router.on(each, url, noop, config);
      }
    });
  }

  /**
   * Answers OPTIONS with the methods of the path. Throws `method.not_allowed` if the path has other methods than the request. Returns
   * false for a path without routes.
   */
  answer({ method, url, raw }: FastifyRequest, reply: FastifyReply): boolean {
    if (method === 'OPTIONS' && raw.url === '*') return sendAllow(reply, [...METHODS]);
    const found = METHODS.filter((each) => this.router.find(each, url) !== null);
    if (found.length === 0) return false;
    if (method !== 'OPTIONS') throw RequestFailure.methodNotAllowed([...found, 'OPTIONS']);
    const { accepts } = (this.router.find('PATCH', url)?.store ?? {}) as { readonly accepts?: readonly string[] };
    // RFC 5789, section 3.1.
    if (accepts) void reply.header('accept-patch', accepts.join(', '));
    return sendAllow(reply, found);
  }
}

function sendAllow(reply: FastifyReply, methods: readonly string[]): true {
  void reply.code(204).header('allow', [...methods, 'OPTIONS'].join(', ')).send();
  return true;
}
