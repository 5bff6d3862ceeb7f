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

/** Parses the conditions of a request (RFC 9110, section 13.1). Throws `precondition.malformed` (invalid). */
export function preconditionOf({ 'if-match': ifMatch, 'if-none-match': ifNoneMatch }: IncomingHttpHeaders): Precondition {
  return {
    // If-Match compares strongly: a weak tag may stand for another document.
    ...(ifMatch === undefined ? {} : { ifMatch: versionsOf(tagsOf('If-Match', ifMatch), ({ isWeak }) => !isWeak) }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: versionsOf(tagsOf('If-None-Match', ifNoneMatch), () => true) }),
  };
}

/** Throws `precondition.required` (428) if the request has no `If-Match`. */
export function requireRevision({ headers }: FastifyRequest): void {
  if (headers['if-match'] === undefined) throw PreconditionFailure.required();
}

/** Whether `If-None-Match` names the current opaque tag. Throws `precondition.failed` if `If-Match` does not name it. */
export function isKnown({ request: { headers } }: FastifyReply, opaque: string): boolean {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  const isCurrent = (tag: EntityTag): boolean => tag.opaque === opaque;
  if (ifMatch !== undefined && !matches(tagsOf('If-Match', ifMatch), (tag) => isCurrent(tag) && !tag.isWeak)) {
    throw PreconditionFailure.failed(`"${opaque}"`);
  }
  return ifNoneMatch !== undefined && matches(tagsOf('If-None-Match', ifNoneMatch), isCurrent);
}

/** Refuses malformed conditions, and conditions that a route without ETags cannot fulfil because no tag matches there. */
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
