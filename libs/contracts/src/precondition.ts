import { z } from 'zod';
import type { Immutable } from './protocol/immutable.ts';

/** Versions of a resource: any existing one, a single one, or several. A single one is not a list, because older processes know none. */
const Versions = z.union([z.literal('any'), z.int(), z.array(z.int())]);
export type Versions = Immutable<z.infer<typeof Versions>>;

/**
 * The conditions of a request (RFC 9110, section 13): the resource has one of the versions `ifMatch`, and none of `ifNoneMatch`. The
 * gateway drops tags that stand for no version, so an empty list matches nothing.
 */
export const Precondition = z.object({ ifMatch: Versions.optional(), ifNoneMatch: Versions.optional() });
export type Precondition = Immutable<z.infer<typeof Precondition>>;

/** Whether a resource of this version fulfils the conditions; `undefined` is a resource that does not exist. */
export function isFulfilled({ ifMatch, ifNoneMatch }: Precondition, version: number | undefined): boolean {
  return (ifMatch === undefined || includes(ifMatch, version)) && (ifNoneMatch === undefined || !includes(ifNoneMatch, version));
}

function includes(versions: Versions, version: number | undefined): boolean {
  if (version === undefined) return false;
  return versions === 'any' || (typeof versions === 'number' ? versions === version : versions.includes(version));
}
