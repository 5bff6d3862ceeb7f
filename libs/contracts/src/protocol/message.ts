import { z } from 'zod';
import { WRONG, compile, type Mismatch, type Parser } from './compile.ts';
import type { ShardGroup } from '../shards.ts';
import { MessageFailure } from './failures.ts';
import type { Immutable } from './immutable.ts';

/** The properties of a message in its declaration. */
export interface MessageOptions<Body extends z.ZodType, Reply extends z.ZodType> {
  /** The schema of the body. Without it, the message has no body, and a received one is ignored. */
  readonly body?: Body;
  /** The schema of the answer. Without it, the answer has no body. */
  readonly reply?: Reply;
  /** Whether the message changes nothing, so that each attempt may have a new id. */
  readonly repeatable?: boolean;
  /** Whether any process of the group answers it, and not only the owner of the shard. */
  readonly anyone?: boolean;
  /** Whether it reads through shared connections. Only a few such messages are answered at once, and equal ones share an answer. */
  readonly takesTurns?: boolean;
}

/** The declaration of a message, from which `protocol` creates a `Message`. */
export interface MessageDeclaration<Sent = unknown, Body = unknown, Reply = unknown, Repeatable extends boolean = boolean> {
  readonly summary: string;
  readonly options: MessageOptions<z.ZodType, z.ZodType>;
  readonly repeatable: Repeatable;
  /** Never present; it carries the types. */
  readonly types?: { readonly sent: Sent; readonly body: Body; readonly reply: Reply };
}

/** Declares a message of a protocol: a sentence that describes it, and the schemas of its body and its answer. */
export function message<Body extends z.ZodType = z.ZodVoid, Reply extends z.ZodType = z.ZodVoid, const Repeatable extends boolean = false>(
  summary: string, options: MessageOptions<Body, Reply> & { readonly repeatable?: Repeatable } = {},
): MessageDeclaration<Immutable<z.input<Body>>, z.output<Body>, z.output<Reply>, Repeatable> {
  return { summary, options, repeatable: (options.repeatable ?? false) as Repeatable };
}

/** A message between processes: its type, its route, and its schemas. */
export interface Message<Sent = unknown, Body = unknown, Reply = unknown, Repeatable extends boolean = boolean> {
  /** The name on the wire, of the protocol and the message, such as `basket.change`. It never changes. */
  readonly type: string;
  readonly summary: string;
  /** The queue to which it is sent: that of the managers of its shard group, or that of the answering app. */
  readonly queue: string;
  /** The shard group of its addressees, if they have shards. */
  readonly group: ShardGroup | undefined;
  readonly repeatable: Repeatable;
  readonly anyone: boolean;
  readonly takesTurns: boolean;
  /** Undefined if it has no body. */
  readonly bodySchema: z.ZodType | undefined;
  readonly replySchema: z.ZodType | undefined;
  /** Parses a received body for the handler. Throws `message.body_invalid` (invalid). */
  bodyOf(value: unknown): Body;
  /** Parses a received answer for the caller. Throws `message.reply_invalid` (unknown). */
  replyOf(value: unknown): Reply;
  /** Never present; it carries the types. */
  readonly types?: { readonly sent: Sent; readonly body: Body; readonly reply: Reply };
}

/** The body that a sender passes; fields with defaults may be absent. */
export type SentBody<M> = M extends Message<infer Sent> ? Sent : never;
/** The body that a handler receives. */
export type BodyOf<M> = M extends Message<unknown, infer Body> ? Body : never;
/** The answer that a caller receives. */
export type ReplyOf<M> = M extends Message<unknown, unknown, infer Reply> ? Reply : never;

/** Creates a message from its declaration. */
export function messageOf(
  { type, queue, group }: Pick<Message, 'type' | 'queue' | 'group'>, { summary, options }: MessageDeclaration,
): Message {
  const { body, reply, repeatable = false, anyone = false, takesTurns = false } = options;
  return {
    type, summary, queue, group, repeatable, anyone, takesTurns, bodySchema: body, replySchema: reply,
    bodyOf: body ? reader(body, (path, problem) => MessageFailure.bodyInvalid(type, path, problem)) : () => undefined,
    replyOf: reply ? reader(reply, (path, problem) => MessageFailure.replyInvalid(type, path, problem)) : () => undefined,
  };
}

/** Compiles the schema at its first use, because most processes use few of all messages. */
function reader(schema: z.ZodType, failure: (path: string, problem: string) => Error): (value: unknown) => unknown {
  let parse: Parser | undefined;
  return (value) => {
    parse ??= compile(schema);
    const mismatch: Mismatch = { path: [], message: '' };
    const made = parse(value, mismatch);
    if (made === WRONG) throw failure(mismatch.path.join('.'), mismatch.message);
    return made;
  };
}

/**
 * The schema of a document in an answer that the caller only passes on. It has the type of the whole document, but checks only the
 * named fields. So a newer process may answer with fields that an older one does not know.
 */
export function documentOf<T extends z.ZodObject, Key extends keyof T['shape'] & string>(
  schema: T, ...fields: readonly Key[]
): z.ZodType<z.output<T>, z.output<T>> {
  const shape = Object.fromEntries(fields.map((field) => [field, schema.shape[field] as z.ZodType]));
  return z.custom<z.output<T>>((value) => {
    if (typeof value !== 'object' || value === null) return false;
    return fields.every((field) => z.core.safeParse(shape[field] as z.ZodType, (value as Record<string, unknown>)[field]).success);
  }, `expected a document with ${fields.join(', ') || 'any fields'}`);
}
