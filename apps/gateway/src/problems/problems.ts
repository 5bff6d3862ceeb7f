import { KNOWN_PROBLEMS } from './known-problems.ts';

/** The code of a failure that some app declares. */
export type ProblemCode = (typeof KNOWN_PROBLEMS)[number][0];

/** A failure, as the generated list has it. `…` stands for a part that depends on the case. */
export interface KnownProblem {
  readonly code: string;
  readonly kind: string;
  readonly status: number;
  readonly sentence: string;
  /** The names of the facts in `details`. */
  readonly details: readonly string[];
}

const BY_CODE = new Map<string, KnownProblem[]>();
for (const [code, kind, status, sentence, details] of KNOWN_PROBLEMS) {
  const known = BY_CODE.get(code) ?? [];
  BY_CODE.set(code, [...known, { code, kind, status, sentence, details }]);
}

/** The failures of a code. There are several if the same code has several reasons or, by what happens next, several statuses. */
export function problemsOf(code: string): readonly KnownProblem[] {
  return BY_CODE.get(code) ?? [];
}

/** All codes, sorted. */
export function problemCodes(): readonly string[] {
  return [...BY_CODE.keys()];
}

/** Failures of any request: of its head, its credential and its conditions, and bugs. */
export const ANY_REQUEST = [
  'request.malformed', 'request.timeout', 'url.too_long', 'headers.too_large', 'header.repeated', 'input.invalid', 'precondition.malformed', 'internal',
  'identity.ambiguous', 'identity.invalid', 'identity.provider_away', 'identity.required', 'identity.scope_missing', 'identity.stale',
  'rate.exceeded', 'request.cross_site', 'request.forwarded', 'request.misdirected',
] as const satisfies readonly ProblemCode[];

/** Failures of a request with a JSON body. */
export const JSON_BODY = [
  'body.media_type', 'body.too_large', 'json.byte_order_mark', 'json.duplicate_key', 'json.forbidden_key', 'json.malformed', 'json.not_utf8',
  'json.number_inexact', 'json.text_unstorable', 'json.too_deep',
] as const satisfies readonly ProblemCode[];

/** Failures of any message to another app. The same request may succeed later, under the same key. */
export const ANY_MESSAGE = [
  'broker.closing', 'broker.congested', 'broker.deadline', 'broker.no_turn', 'broker.queue_full', 'broker.reads_full', 'broker.unavailable',
  'cluster.hold_full', 'cluster.host_full', 'cluster.no_owner', 'cluster.not_joined', 'cluster.unavailable', 'database.unavailable',
  'child.start_failed', 'child.start_timeout', 'journal.actor_outdated', 'journal.full', 'journal.lease_uncertain',
  'journal.outcome_unknown', 'journal.shard_lost', 'journal.unavailable', 'mailbox.full', 'message.reply_invalid', 'name.moving',
  'process.exited', 'process.noproc', 'store.unavailable', 'supervisor.children_max',
] as const satisfies readonly ProblemCode[];

/** Failures of a request that names a product to price. */
export const PRODUCT_NAMED = ['product.unknown', 'tax.category_missing', 'tax.rate_unknown'] as const satisfies readonly ProblemCode[];

/** Failures of a request that names a product by a scanned code. */
export const CODE_SCANNED = [
  'barcode.between_steps', 'barcode.check_digit', 'barcode.expired', 'barcode.length', 'barcode.other_measure', 'barcode.price_verifier',
  'barcode.priced', 'barcode.unknown', 'barcode.unreadable',
] as const satisfies readonly ProblemCode[];
