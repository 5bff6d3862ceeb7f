import { z } from 'zod';
import type { Immutable } from './protocol/immutable.ts';

/** Versions of a thing: any that there is, one, or several. One stands alone, since older processes know no list. */
const Versions = z.union([z.literal('any'), z.int(), z.array(z.int())]);
export type Versions = Immutable<z.infer<typeof Versions>>;

/**
 * Under what a request is to be done (RFC 9110, section 13): at one of these versions, and at none of those. Tags that no
 * version has are left out on the way in, so that an empty list matches nothing.
 */
export const Precondition = z.object({ ifMatch: Versions.optional(), ifNoneMatch: Versions.optional() });
export type Precondition = Immutable<z.infer<typeof Precondition>>;

/** Whether a thing at this version fulfils it; `undefined` is a thing that is not there. */
export function isFulfilled({ ifMatch, ifNoneMatch }: Precondition, version: number | undefined): boolean {
  return (ifMatch === undefined || includes(ifMatch, version)) && (ifNoneMatch === undefined || !includes(ifNoneMatch, version));
}

function includes(versions: Versions, version: number | undefined): boolean {
  if (version === undefined) return false;
  return versions === 'any' || (typeof versions === 'number' ? versions === version : versions.includes(version));
}
