import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Precondition } from '@aisle/contracts';
import { tagsOf, versionOf, type EntityTag } from './entity-tag.ts';
import { PreconditionFailure } from './request-failures.ts';

type Versions = Precondition['ifMatch'];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route answers an ETag, and so takes conditions on it. */
    answersEtag?: boolean;
  }
}

/** What a request that changes something asks for beforehand (RFC 9110, section 13.1). Throws when a header is malformed. */
export function preconditionOf({ 'if-match': ifMatch, 'if-none-match': ifNoneMatch }: IncomingHttpHeaders): Precondition {
  return {
    // Compared strongly: a weak tag says that the document may have been another one.
    ...(ifMatch === undefined ? {} : { ifMatch: versionsOf(tagsOf('If-Match', ifMatch), ({ isWeak }) => !isWeak) }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: versionsOf(tagsOf('If-None-Match', ifNoneMatch), () => true) }),
  };
}

/** Throws unless `If-Match` says which document is changed. */
export function requireRevision({ headers }: FastifyRequest): void {
  if (headers['if-match'] === undefined) throw PreconditionFailure.required();
}

/** Whether the caller has the document that bears this opaque tag. Throws when `If-Match` asks for another one. */
export function isKnown({ request: { headers } }: FastifyReply, opaque: string): boolean {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  const isCurrent = (tag: EntityTag): boolean => tag.opaque === opaque;
  if (ifMatch !== undefined && !matches(tagsOf('If-Match', ifMatch), (tag) => isCurrent(tag) && !tag.isWeak)) {
    throw PreconditionFailure.failed(`"${opaque}"`);
  }
  return ifNoneMatch !== undefined && matches(tagsOf('If-None-Match', ifNoneMatch), isCurrent);
}

/** Refuses conditions that are malformed, and those that a route without ETags cannot fulfil: on it nothing matches. */
export function checkConditions({ headers, routeOptions, method, caller }: FastifyRequest): void {
  if (headers['if-match'] === undefined && headers['if-none-match'] === undefined) return;
  const { accepts, answersEtag } = routeOptions.config;
  if (accepts === undefined) return;
  const { ifMatch, ifNoneMatch } = caller.precondition;
  const isRead = method === 'GET' || method === 'HEAD';
  if (answersEtag || (ifMatch === undefined && (ifNoneMatch !== 'any' || isRead))) return;
  throw PreconditionFailure.unsupported();
}

function matches(tags: 'any' | readonly EntityTag[], isMatch: (tag: EntityTag) => boolean): boolean {
  return tags === 'any' || tags.some(isMatch);
}

function versionsOf(tags: 'any' | readonly EntityTag[], counts: (tag: EntityTag) => boolean): Versions {
  if (tags === 'any') return tags;
  const versions = tags.filter(counts).map(versionOf).filter((version) => version !== undefined);
  return versions.length === 1 ? versions[0] : versions;
}
