import { createHash } from 'node:crypto';
import { PreconditionFailure } from './request-failures.ts';

/** An ETag as a client sends it (RFC 9110, section 8.8.3). */
export interface EntityTag {
  readonly isWeak: boolean;
  /** The text between the quotes. */
  readonly opaque: string;
}

// One member of a list with the comma after it; a member may be empty. Node decodes header bytes as latin-1.
const MEMBER = /[ \t]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)")?[ \t]*(?:,|$)/y;
const VERSION = /^([1-9]\d{0,14})(?:-[\w-]+)?$/;

/** Parses the tags of `If-Match` or `If-None-Match`, or `any` for `*`. Throws `precondition.malformed` (invalid). */
export function tagsOf(header: string, value: string): 'any' | readonly EntityTag[] {
  if (value.trim() === '*') return 'any';
  const tags: EntityTag[] = [];
  for (MEMBER.lastIndex = 0; MEMBER.lastIndex < value.length;) {
    const member = MEMBER.exec(value);
    if (!member) throw PreconditionFailure.malformed(header);
    if (member[2] !== undefined) tags.push({ isWeak: member[1] !== undefined, opaque: member[2] });
  }
  if (tags.length === 0) throw PreconditionFailure.malformed(header);
  return tags;
}

/** The version in an opaque tag; undefined for a tag that the gateway never sends. */
export function versionOf({ opaque }: EntityTag): number | undefined {
  const version = VERSION.exec(opaque)?.[1];
  return version === undefined ? undefined : Number(version);
}

/**
 * The opaque tag of a document. If one version can have several documents, `variant` is the text of this one, and the tag includes
 * its hash. Otherwise caches would answer with old prices, because the tag would not change with the document.
 */
export function opaqueTagOf(version: number, variant?: string): string {
  if (variant === undefined) return String(version);
  return `${version}-${createHash('sha256').update(variant).digest('base64url').slice(0, 12)}`;
}
