import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Precondition } from '@aisle/contracts';
import { HttpRefusal } from '@aisle/platform';
import { Failure } from '@aisle/std';
import { opaqueTagOf, tagsOf, versionOf, type EntityTag } from './entity-tag.ts';

type Versions = Precondition['ifMatch'];

/** What the caller asks to match is another by now. */
class PreconditionFailed extends Failure {
  readonly kind = 'precondition';
  readonly code = 'precondition.failed';
  constructor(etag: string) {
    super('the document is not one that If-Match asks for', { etag });
  }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route answers an ETag, and so takes conditions on it. */
    answersEtag?: boolean;
  }
}

/** A document, and what its ETag is made of. */
export interface TaggedDocument {
  readonly json: string;
  readonly version: number;
  /** The version does not say all that the document shows. */
  readonly restated?: boolean | undefined;
}

/** What a request that changes something asks for beforehand (RFC 9110, section 13.1). Throws when a header is malformed. */
export function preconditionOf({ headers }: FastifyRequest): Precondition {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  return {
    // Compared strongly: a weak tag says that the document may have been another one.
    ...(ifMatch === undefined ? {} : { ifMatch: versionsOf(tagsOf('If-Match', ifMatch), ({ isWeak }) => !isWeak) }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: versionsOf(tagsOf('If-None-Match', ifNoneMatch), () => true) }),
  };
}

/** Sends a document that is read, or 304 when the caller has it. Throws when `If-Match` asks for another. */
export function sendCurrent(request: FastifyRequest, reply: FastifyReply, document: TaggedDocument): void {
  const opaque = opaqueOf(document);
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
  const isCurrent = (tag: EntityTag): boolean => tag.opaque === opaque;
  if (ifMatch !== undefined && !matches(tagsOf('If-Match', ifMatch), (tag) => isCurrent(tag) && !tag.isWeak)) {
    throw new PreconditionFailed(`"${opaque}"`);
  }
  void reply.header('etag', `"${opaque}"`);
  if (ifNoneMatch !== undefined && matches(tagsOf('If-None-Match', ifNoneMatch), isCurrent)) return void reply.code(304).send();
  void reply.type('application/json; charset=utf-8').send(document.json);
}

/** The ETag of a document. */
export function etagOf(document: TaggedDocument): string {
  return `"${opaqueOf(document)}"`;
}

/** Has conditions refused that are malformed, and those that a route without ETags can not fulfil: on it nothing matches. */
export function refuseConditions(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    try {
      checkConditions(request);
    } catch (refusal) {
      return done(refusal as Error);
    }
    done();
  });
}

function checkConditions(request: FastifyRequest): void {
  const { headers } = request;
  if (headers['if-match'] === undefined && headers['if-none-match'] === undefined) return;
  const { accepts, answersEtag } = request.routeOptions.config;
  if (accepts === undefined) return;
  const { ifMatch, ifNoneMatch } = preconditionOf(request);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (answersEtag || (ifMatch === undefined && (ifNoneMatch !== 'any' || isRead))) return;
  throw new HttpRefusal(412, {
    kind: 'precondition', code: 'precondition.unsupported', message: 'this route answers no ETag, so no condition on one can be fulfilled',
  });
}

function opaqueOf({ version, json, restated }: TaggedDocument): string {
  return opaqueTagOf(version, restated ? json : undefined);
}

function matches(tags: 'any' | readonly EntityTag[], isMatch: (tag: EntityTag) => boolean): boolean {
  return tags === 'any' || tags.some(isMatch);
}

function versionsOf(tags: 'any' | readonly EntityTag[], counts: (tag: EntityTag) => boolean): Versions {
  if (tags === 'any') return tags;
  const versions = tags.filter(counts).map(versionOf).filter((version) => version !== undefined);
  return versions.length === 1 ? versions[0] : versions;
}
