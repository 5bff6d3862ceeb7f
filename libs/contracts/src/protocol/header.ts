import { MessageFailure } from './failures.ts';

/** The fields of a message's header that are checked where it enters a process. */
export interface MessageHeader {
  readonly id: string;
  readonly tenant: string;
  readonly market: string;
  readonly actor: string;
  readonly traceparent: string;
  readonly replyTo: string;
  readonly deadlineMs: number;
  readonly by?: string;
}

const CHARACTERS_MAX = 512;
/** Generous, because clocks differ; and below the longest time of a timer, which is less than a month. */
const AHEAD_MS_MAX = 7 * 24 * 60 * 60 * 1_000;

/**
 * Throws `message.header_invalid` (invalid) for a header with an empty name or a text that cannot be stored. A deadline has to be a
 * time within a week. Identifiers may be longer than the edge accepts, because resources may be older than its rules.
 */
export function checkHeader(header: MessageHeader, nowMs: number): void {
  checkText('id', header.id);
  checkText('tenant', header.tenant);
  checkText('market', header.market);
  checkText('actor', header.actor);
  if (header.traceparent !== '') checkText('traceparent', header.traceparent);
  if (header.replyTo !== '') checkText('replyTo', header.replyTo);
  if (header.by) checkText('by', header.by);
  if (!(header.deadlineMs - nowMs <= AHEAD_MS_MAX)) throw MessageFailure.headerInvalid('deadlineMs', 'must be within a week');
}

function checkText(field: string, text: string): void {
  if (text === '') throw MessageFailure.headerInvalid(field, 'must not be empty');
  if (text.length > CHARACTERS_MAX) throw MessageFailure.headerInvalid(field, `must have at most ${CHARACTERS_MAX} characters`);
  if (text.includes('\0') || !text.isWellFormed()) {
    throw MessageFailure.headerInvalid(field, 'must hold no U+0000 and no half of a surrogate pair');
  }
}
