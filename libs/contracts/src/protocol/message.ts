import { z } from 'zod';
import { WRONG, compile, type Mismatch, type Step } from './compile.ts';
import type { ShardGroup } from '../shards.ts';
import { MessageFailure } from './failures.ts';
import type { Immutable } from './immutable.ts';

/** What is said of a message where it is declared. */
export interface MessageOptions<Body extends z.ZodType, Reply extends z.ZodType> {
  /** What it carries; nothing unless given, and then nobody looks at its body. */
  readonly body?: Body;
  /** What it is answered with; nothing unless given. */
  readonly reply?: Reply;
  /** It changes nothing, so it may be asked under a new id each time. */
  readonly repeatable?: boolean;
  /** Any process of the group answers it, whoever owns the shard. */
  readonly anyone?: boolean;
  /** It is answered from connections that others need as well: a few at once, and equal questions by one answer. */
  readonly takesTurns?: boolean;
}

/** A message as it is declared; `protocol` makes a `Message` of it. */
export interface MessageDeclaration<Sent = unknown, Body = unknown, Reply = unknown, Repeatable extends boolean = boolean> {
  readonly summary: string;
  readonly options: MessageOptions<z.ZodType, z.ZodType>;
  readonly repeatable: Repeatable;
  /** Types only. */
  readonly types?: { readonly sent: Sent; readonly body: Body; readonly reply: Reply };
}

/** Declares a message of a protocol: a sentence that says what it does, and what it carries and is answered with. */
export function message<Body extends z.ZodType = z.ZodVoid, Reply extends z.ZodType = z.ZodVoid, const Repeatable extends boolean = false>(
  summary: string, options: MessageOptions<Body, Reply> & { readonly repeatable?: Repeatable } = {},
): MessageDeclaration<Immutable<z.input<Body>>, z.output<Body>, z.output<Reply>, Repeatable> {
  return { summary, options, repeatable: (options.repeatable ?? false) as Repeatable };
}

/** A message between processes: how it is called and routed, and what it carries. */
export interface Message<Sent = unknown, Body = unknown, Reply = unknown, Repeatable extends boolean = boolean> {
  /** On the wire: the protocol's name and its own, such as `basket.change`. It never changes. */
  readonly type: string;
  readonly summary: string;
  /** The broker's queue that it is sent to: of the managers of its shard group, or of the app that answers. */
  readonly queue: string;
  /** The shard group of its addressees, if they are spread over shards. */
  readonly group: ShardGroup | undefined;
  readonly repeatable: Repeatable;
  readonly anyone: boolean;
  readonly takesTurns: boolean;
  /** Undefined where it carries nothing. */
  readonly bodySchema: z.ZodType | undefined;
  readonly replySchema: z.ZodType | undefined;
  /** The body as the handler gets it. Throws `message.body_invalid` (invalid). */
  bodyOf(value: unknown): Body;
  /** The answer as the caller gets it. Throws `message.reply_invalid` (unknown). */
  replyOf(value: unknown): Reply;
  /** Types only. */
  readonly types?: { readonly sent: Sent; readonly body: Body; readonly reply: Reply };
}

/** What the sender of a message gives: the body, in which fields that have defaults may be absent. */
export type SentBody<M> = M extends Message<infer Sent> ? Sent : never;
/** What the handler of a message gets. */
export type BodyOf<M> = M extends Message<unknown, infer Body> ? Body : never;
/** What the caller of a message gets. */
export type ReplyOf<M> = M extends Message<unknown, unknown, infer Reply> ? Reply : never;

/** Makes a message of its declaration. */
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

/** Compiles the schema when it is used first: most processes answer few of all messages. */
function reader(schema: z.ZodType, failure: (path: string, problem: string) => Error): (value: unknown) => unknown {
  let step: Step | undefined;
  return (value) => {
    step ??= compile(schema);
    const mismatch: Mismatch = { path: [], message: '' };
    const made = step(value, mismatch);
    if (made === WRONG) throw failure(mismatch.path.join('.'), mismatch.message);
    return made;
  };
}

/**
 * The schema of a document that an answer carries and its caller only passes on: it has the type of the whole, and only the
 * fields that are named are looked at. So a newer process may answer with more than an older one knows.
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
