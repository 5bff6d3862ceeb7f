import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { DocumentReply } from '@aisle/contracts';
import { isKnown } from './conditions.ts';
import { opaqueTagOf } from './entity-tag.ts';

const JSON_TEXT = 'application/json; charset=utf-8';

/** A document as text, with the facts that HTTP headers carry. */
export type Document<T> = DocumentReply & {
  /** The path of a new resource. */
  readonly location?: string;
  /** Types only. */
  readonly of?: T;
};

/** How a route answers: what its clients are told of it, and how that which its handler returns is sent. */
export interface Answers<Reply> {
  /** The status of each answer with the schema of its body; a sentence where there is no schema. */
  readonly statuses: Readonly<Record<number, z.ZodType | string>>;
  readonly mediaType?: string;
  /** The statuses of failures, beside those that every route has. */
  readonly errors: readonly number[];
  /** On what is read or changed: an `ETag` is answered, and conditions on it are taken. A change may require `If-Match`. */
  readonly conditions?: 'read' | 'change' | 'required';
  /** An `Idempotency-Key` is taken; `echoed` where each answer says under which one the command ran. */
  readonly key?: 'taken' | 'echoed';
  /** Absent where the handler writes the answer itself. */
  readonly send?: (reply: FastifyReply, answer: Reply) => void;
}

type Choices = Partial<Pick<Answers<never>, 'errors' | 'key' | 'conditions'>>;

/** A document, as it came. */
export function document<S extends z.ZodType>(schema: S, { errors = [404] }: Choices = {}): Answers<Document<z.output<S>>> {
  return { statuses: { 200: schema }, errors, send: (reply, answer) => sendText(reply.code(200), answer) };
}

/** A document with its `ETag`. `restated`: it shows more than its version tells of. */
export function tagged<S extends z.ZodType>(schema: S, { restated = false } = {}): Answers<Document<z.output<S>>> {
  return {
    statuses: { 200: schema, 304: 'the caller has it' }, errors: [404], conditions: 'read',
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
 * The document after a command, in one of these statuses: 201 where the command made the thing, else the first. `gone` says what
 * has happened where there is no document any more, which is 204.
 */
export function changed<S extends z.ZodType>(
  schema: S,
  { statuses = [200], gone, restated = false, ...choices }:
    Choices & { readonly statuses?: readonly [number, ...number[]]; readonly gone?: string; readonly restated?: boolean },
): Answers<Document<z.output<S>>> {
  const [usual] = statuses;
  const made = statuses.includes(201) ? 201 : usual;
  return {
    statuses: gone === undefined ? Object.fromEntries(statuses.map((status) => [status, schema])) : { 204: gone },
    errors: [404, 409, 422], ...choices,
    send(reply, document) {
      if (document.replayed) void reply.header('idempotent-replayed', 'true');
      if (document.json === '') return void reply.code(204).send();
      if (document.location !== undefined) void reply.header('location', document.location);
      if (choices.conditions) void reply.header('etag', `"${opaqueTagOf(document.version, restated ? document.json : undefined)}"`);
      sendText(reply.code(document.created ? made : usual), document);
    },
  };
}

/** A value, as JSON. */
export function value<S extends z.ZodType>(schema: S, { errors = [404], ...choices }: Choices = {}): Answers<z.output<S>> {
  return { statuses: { 200: schema }, errors, ...choices, send: (reply, answer) => void reply.code(200).send(answer) };
}

/** No content; the sentence says what has happened. */
export function nothing(sentence: string, { errors = [404], ...choices }: Choices = {}): Answers<void> {
  return { statuses: { 204: sentence }, errors, ...choices, send: (reply) => void reply.code(204).send() };
}

/** An answer in parts, which the handler writes itself. */
export function stream(mediaType: string, part: z.ZodType | string, { errors = [404], ...choices }: Choices = {}): Answers<void> {
  return { statuses: { 200: part }, mediaType, errors, ...choices };
}

/** A value as a document, for what HTTP tells beside it. */
export function documentOf<T>(value: T, facts: Partial<Omit<Document<T>, 'json' | 'of'>> = {}): Document<T> {
  return { json: JSON.stringify(value), version: 0, ...facts };
}

function sendText(reply: FastifyReply, { json }: DocumentReply): void {
  void reply.type(JSON_TEXT).send(json);
}
