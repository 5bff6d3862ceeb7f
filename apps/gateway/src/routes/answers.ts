import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { DocumentReply } from '@aisle/contracts';
import type { ProblemCode } from '../problems/problems.ts';
import { isKnown } from './conditions.ts';
import { opaqueTagOf } from './entity-tag.ts';

const JSON_TEXT = 'application/json; charset=utf-8';

/** A document as JSON text, with the facts for HTTP headers. */
export type Document<T> = DocumentReply & {
  /** The path of a new resource, for `Location`. */
  readonly location?: string;
  /** Never present; it carries the type. */
  readonly of?: T;
};

/** The answers of a route: their description for clients, and the function that sends the result of the handler. */
export interface RouteAnswers<Reply> {
  /** The schema of the body by status; a sentence for an answer without a body. */
  readonly statuses: Readonly<Record<number, z.ZodType | string>>;
  readonly mediaType?: string;
  /** Codes of failures, beside those of every route. */
  readonly errors: readonly ProblemCode[];
  /** The sentence that describes `Location`, on a route that answers one for a new resource. */
  readonly location?: string;
  /** Set on a route that answers an `ETag` and takes conditions on it. With `required`, a request needs `If-Match`. */
  readonly conditions?: 'read' | 'change' | 'required';
  /** Set on a route that takes an `Idempotency-Key`. With `echoed`, each answer repeats it, or gives the generated one. */
  readonly key?: 'taken' | 'echoed';
  /** Set on a route that leaves the document out if the caller prefers that. */
  readonly minimal?: boolean;
  /** Sends the result. Absent if the handler writes the answer itself. */
  readonly send?: (reply: FastifyReply, answer: Reply) => void;
}

type Choices = Partial<Pick<RouteAnswers<never>, 'errors' | 'key' | 'conditions' | 'location' | 'minimal'>>;

/** Answers 200 with a document, whose text is sent unchanged. */
export function document<S extends z.ZodType>(schema: S, { errors = [] }: Choices = {}): RouteAnswers<Document<z.output<S>>> {
  return { statuses: { 200: schema }, errors, send: (reply, answer) => sendText(reply.code(200), answer) };
}

/**
 * Answers 200 with a document and its `ETag`, or 304. `restated` is for documents that change without a new version; their tag
 * includes a hash of the text.
 */
export function tagged<S extends z.ZodType>(
  schema: S, { restated = false, errors = [] }: Choices & { readonly restated?: boolean } = {},
): RouteAnswers<Document<z.output<S>>> {
  return {
    statuses: { 200: schema, 304: 'the caller has the current document' }, errors, conditions: 'read',
    send(reply, document) {
      const opaque = opaqueTagOf(document.version, restated ? document.json : undefined);
      const known = isKnown(reply, opaque);
      void reply.header('etag', `"${opaque}"`);
      if (known) void reply.code(304).send();
      else sendText(reply.code(200), document);
    },
  };
}

/**
 * Answers with the document after a command. The status is 201 if the command created the resource and `statuses` has 201, and the
 * first of `statuses` otherwise. It is 204 if no document is left, which `gone` describes in a sentence, and if the caller wanted none.
 */
export function changed<S extends z.ZodType>(
  schema: S,
  { statuses = [200], gone, restated = false, ...choices }:
    Choices & { readonly statuses?: readonly [number, ...number[]]; readonly gone?: string; readonly restated?: boolean },
): RouteAnswers<Document<z.output<S>>> {
  const [usual] = statuses;
  const made = statuses.includes(201) ? 201 : usual;
  const withoutDocument = choices.minimal ? { 204: 'the command was applied, and the caller prefers no document' } : {};
  return {
    statuses: gone === undefined ? { ...Object.fromEntries(statuses.map((status) => [status, schema])), ...withoutDocument } : { 204: gone },
    errors: [], ...choices,
    send(reply, document) {
      if (document.replayed) void reply.header('idempotent-replayed', 'true');
      if (document.json === '' && !choices.minimal) return void reply.code(204).send();
      if (document.location !== undefined) void reply.header('location', document.location);
      if (choices.conditions) void reply.header('etag', `"${opaqueTagOf(document.version, restated ? document.json : undefined)}"`);
      if (document.json === '') return void reply.code(204).header('preference-applied', 'return=minimal').send();
      sendText(reply.code(document.created ? made : usual), document);
    },
  };
}

/** Answers 200 with a value as JSON. */
export function value<S extends z.ZodType>(schema: S, { errors = [], ...choices }: Choices = {}): RouteAnswers<z.output<S>> {
  return { statuses: { 200: schema }, errors, ...choices, send: (reply, answer) => void reply.code(200).send(answer) };
}

/** Answers 204 without content; the sentence describes the result. */
export function nothing(sentence: string, { errors = [], ...choices }: Choices = {}): RouteAnswers<void> {
  return { statuses: { 204: sentence }, errors, ...choices, send: (reply) => void reply.code(204).send() };
}

/** Answers 200 with a stream that the handler writes itself; `part` is the schema of one part. */
export function stream(mediaType: string, part: z.ZodType | string, { errors = [], ...choices }: Choices = {}): RouteAnswers<void> {
  return { statuses: { 200: part }, mediaType, errors, ...choices };
}

/** Makes a document of a value, to send it with facts in headers. */
export function documentOf<T>(value: T, facts: Partial<Omit<Document<T>, 'json' | 'of'>> = {}): Document<T> {
  return { json: JSON.stringify(value), version: 0, ...facts };
}

function sendText(reply: FastifyReply, { json }: DocumentReply): void {
  void reply.type(JSON_TEXT).send(json);
}
