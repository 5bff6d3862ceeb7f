import { FrameReceiver, FrameSender, decodeBody, encodeBody, type Envelope, type Transport } from '@aisle/broker';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import { PROTOCOLS, addresseeOf, messageOfType, messagesIn, type Message } from '@aisle/contracts';
import type { Random, Runtime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { Controller, Module, type DynamicModule, type Type } from '@nestjs/common';
import { BaseConfig } from '../config.ts';
import { nestApp } from '../nest/nest-app.ts';
import { QueueModule } from '../nest/queue.module.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics, type Registry } from '../telemetry/metrics.ts';
import { memoryContext } from './memory-context.ts';
import { BODIES } from './bodies.ts';

/** The results of sending malformed frames to a process. */
export interface FuzzReport {
  readonly frames: number;
  /** The results that an independent reader expects; it shares no code with the entry. */
  readonly expected: { readonly right: number; readonly wrong: number; readonly expired: number; readonly corrupt: number };
  /** The number of messages that handlers received. */
  readonly handled: number;
  /** The handled bodies that zod's strict parsing refuses; there should be none. */
  readonly wronglyHandled: readonly unknown[];
  /** The number of answers by failure code; `value` and `crash` count the others. */
  readonly answers: Readonly<Record<string, number>>;
  /** The number of wrong messages with a reply queue. */
  readonly wrongAnswerable: number;
  /** The process's own counts. */
  readonly refused: number;
  readonly dropped: Readonly<Record<string, number>>;
  /** Log lines of level warn and above. */
  readonly logged: readonly string[];
}

const QUEUE = 'fuzzed';
const REPLIES = 'fuzz-replies';
const AT_ONCE = 200;
const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;

/** Sends `frames` frames to a process that answers every protocol. */
export async function fuzzEntry(
  { transport, runtime, random, frames }: { transport: Transport; runtime: Runtime; random: Random; frames: number },
): Promise<FuzzReport> {
  const handled: { message: Message; body: unknown }[] = [];
  const logged: string[] = [];
  const destination = { write: (line: string) => void logged.push(line) };
  const logger = createLogger({ level: 'warn', instance: 'fuzz', pretty: false, destination });
  const metrics = createMetrics('fuzz');
  const root = moduleOf((message, body) => void handled.push({ message, body }));
  const protocols = Object.values(PROTOCOLS);
  const module = (): DynamicModule => ({ module: root, imports: [QueueModule.forRoot({ queue: QUEUE, protocols })] });
  const context = { ...memoryContext(BaseConfig), transport, runtime, logger, metrics };
  const app = await nestApp({ name: 'fuzz', config: BaseConfig, module }).start(context);
  const answers: Record<string, number> = {};
  const replies = new FrameReceiver({ transport, runtime, queue: REPLIES, onEnvelope: (reply) => count(answers, outcomeOf(reply)) });
  replies.start();
  const seen: Envelope[] = [];
  const oracle = new FrameReceiver({ transport, runtime, queue: 'oracle', onEnvelope: (envelope) => void seen.push(envelope) });
  oracle.start();

  const fuzz = new Fuzz(random, runtime);
  for (let sent = 0; sent < frames; sent += AT_ONCE) {
    const some = await Promise.all(Array.from({ length: Math.min(AT_ONCE, frames - sent) }, () => fuzz.frame()));
    await Promise.all(some.flatMap((frame) => [transport.push(QUEUE, frame), transport.push('oracle', frame)]));
    await eventually(async () => {
      const dropped = await countsOf(metrics, 'messages_dropped_total', 'why');
      const entered = handled.length + (await refusedOf(metrics)) + sumOf(dropped);
      const read = seen.length + sumOf({ ...oracle.drops });
      if (entered < sent + some.length || read < sent + some.length) throw new Error('some frames have not arrived yet');
    });
  }
  const nowMs = runtime.clock.nowMs();
  const wrong = seen.filter((envelope) => !isRight(envelope, nowMs));
  const wrongAnswerable = wrong.filter(({ replyTo }) => replyTo === REPLIES).length;
  await eventually(() => {
    if (failuresIn(answers) < wrongAnswerable) throw new Error('some frames have not been answered yet');
  });
  const report = {
    frames,
    expected: { right: seen.length - wrong.length, wrong: wrong.length, ...oracle.drops },
    handled: handled.length,
    wronglyHandled: handled.filter(({ message, body }) => !(message.bodySchema?.safeParse(body).success ?? body === undefined)),
    answers, wrongAnswerable, logged,
    refused: await refusedOf(metrics),
    dropped: await countsOf(metrics, 'messages_dropped_total', 'why'),
  };
  await app.stop();
  await Promise.all([replies.stop(), oracle.stop(), context.close()]);
  return report;
}

/** The number of answers that were failures. */
export function failuresIn(answers: FuzzReport['answers']): number {
  return Object.entries(answers).reduce((sum, [code, times]) => (code === 'value' || code === 'crash' ? sum : sum + times), 0);
}

/** A module with a handler for every message. Each handler calls `onMessage`. */
function moduleOf(onMessage: (message: Message, body: unknown) => void): Type {
  class Everything {}
  for (const message of Object.values(PROTOCOLS).flatMap(messagesIn)) {
    const value = async (body: unknown, _context: BrokerContext): Promise<unknown> => onMessage(message, body);
    const descriptor = { value, writable: true, configurable: true, enumerable: true };
    Object.defineProperty(Everything.prototype, message.type, descriptor);
    Handles(message)(Everything.prototype, message.type, descriptor as TypedPropertyDescriptor<typeof value>);
  }
  Controller()(Everything);
  class EverythingModule {}
  Module({ controllers: [Everything] })(EverythingModule);
  return EverythingModule;
}

const KINDS = ['noise', 'cut', 'flipped', 'body of noise', 'body with a wrong field', 'body of another', 'header', 'type', 'right'] as const;
const HOSTILE: readonly unknown[] = [
  null, Number.NaN, -1, 1.5, 2 ** 53, Infinity, '', '\0', 'x'.repeat(70_000), true, [], {}, [[[]]], 10n ** 18n, new Date(0), 'GR1', 7, [7, 'a'], { a: { b: [] } },
  Buffer.alloc(40), Array(1_500).fill('GR1'),
];
const TEXTS = ['', '\0', 'a\0b', 'x'.repeat(600), 'tidy', '__proto__', '../..', '😀'];
const TYPES = ['', 'basket', 'basket.', 'basket.steal', '.change', 'reply.value', 'constructor', '__proto__', 'BASKET.CHANGE', 'x'.repeat(2_000)];

/** Produces frames, most of them malformed in one of several ways. */
class Fuzz {
  private readonly messages = Object.entries(PROTOCOLS).flatMap(([, protocol]) => messagesIn(protocol));
  private sent = 0;

  constructor(private readonly random: Random, private readonly runtime: Runtime) {}

  frame(): Promise<Uint8Array> {
    const kind = this.one(KINDS);
    const envelope = this.envelope();
    if (kind === 'noise') return Promise.resolve(this.random.bytes(this.random.int(200)));
    if (kind === 'body of noise') envelope.body = this.random.bytes(this.random.int(60));
    if (kind === 'body with a wrong field') envelope.body = encodeBody(this.spoilt(decodeBody(envelope.body)));
    if (kind === 'body of another') envelope.body = this.envelope().body;
    if (kind === 'header') this.spoilHeader(envelope);
    if (kind === 'type') envelope.type = this.one(TYPES);
    return this.framed(envelope).then((frame) => {
      if (kind === 'cut') return frame.subarray(0, this.random.int(frame.length));
      if (kind === 'flipped') for (let flips = 1 + this.random.int(4); flips > 0; flips -= 1) this.flip(frame);
      return frame;
    });
  }

  private envelope(): Envelope {
    const message = this.one(this.messages);
    return {
      id: `fuzz-${(this.sent += 1)}`, type: message.type, tenant: 'default', ...addresseeOf(PROTOCOLS.BasketProtocol, { market: 'm1', basket: 'anna' }),
      shard: this.random.int(300) - 20, deadlineMs: this.runtime.clock.nowMs() + 600_000, traceparent: '', replyTo: REPLIES, hops: 0,
      by: '', correlation: this.sent, body: encodeBody(BODIES[message.type] ?? {}),
    };
  }

  private spoilHeader(envelope: Envelope): void {
    const field = this.one(['id', 'tenant', 'market', 'actor', 'traceparent', 'deadlineMs', 'shard'] as const);
    if (field === 'deadlineMs') envelope.deadlineMs = this.one([Number.NaN, Infinity, -1, 0, 1e300, -Infinity]);
    else if (field === 'shard') envelope.shard = this.one([-(2 ** 31), 2 ** 31 - 1, -1]);
    else envelope[field] = this.one(TEXTS);
  }

  /** The same body with one field replaced by a hostile value, removed, or added. */
  private spoilt(body: unknown): unknown {
    if (typeof body !== 'object' || body === null || this.random.int(12) === 0) return this.one(HOSTILE);
    if (Array.isArray(body)) return body.map((item, index) => (index === 0 ? this.spoilt(item) : (item as unknown)));
    const keys = Object.keys(body);
    if (keys.length === 0 || this.random.int(8) === 0) return { ...body, [this.one(['step', 'unknown', 'ifMatch'])]: this.one(HOSTILE) };
    const key = this.one(keys);
    const { [key]: field, ...rest } = body as Record<string, unknown>;
    if (this.random.int(4) === 0) return rest;
    return { ...rest, [key]: typeof field === 'object' && this.random.int(2) === 0 ? this.spoilt(field) : this.one(HOSTILE) };
  }

  private flip(frame: Uint8Array): void {
    const at = this.random.int(frame.length);
    frame[at] = (frame[at] as number) ^ (1 << this.random.int(8));
  }

  private async framed(envelope: Envelope): Promise<Uint8Array> {
    let framed = new Uint8Array();
    const keep = { push: async (_queue: string, frame: Uint8Array) => void (framed = Uint8Array.from(frame)) } as unknown as Transport;
    const outbox = new FrameSender({ transport: keep, runtime: this.runtime });
    void outbox.send('', envelope);
    await outbox.flushed();
    return framed;
  }

  private one<T>(choices: readonly T[]): T {
    return choices[this.random.int(choices.length)] as T;
  }
}

function isRight(envelope: Envelope, nowMs: number): boolean {
  const { id, type, tenant, market, actor, traceparent, replyTo, deadlineMs, body } = envelope;
  const message = messageOfType(type);
  if (!message || deadlineMs > nowMs + WEEK_MS) return false;
  if ([id, tenant, market, actor].some((text) => text === '')) return false;
  if ([id, tenant, market, actor, traceparent, replyTo].some((text) => text.length > 512 || text.includes('\0'))) return false;
  if (!message.bodySchema) return true;
  try {
    return fits(message.bodySchema, withoutInstances(decodeBody(body)));
  } catch {
    return false;
  }
}

/** MessagePack has dates, bytes and a reserved byte, but no message has. NaN, which no schema accepts, stands for them. */
function withoutInstances(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutInstances);
  if (Object.getPrototypeOf(value) !== Object.prototype) return Number.NaN;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withoutInstances(field)]));
}

/** Whether a value fits a schema once its unknown keys are removed. */
function fits(schema: NonNullable<Message['bodySchema']>, value: unknown): boolean {
  const { error } = schema.safeParse(value);
  if (!error) return true;
  const unknown = error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? [issue] : []));
  if (unknown.length < error.issues.length) return false;
  for (const { path, keys } of unknown) {
    const holder = path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown>)[key], value) as Record<string, unknown>;
    for (const key of keys) delete holder[key];
  }
  return fits(schema, value);
}

function outcomeOf({ type, body }: Envelope): string {
  return type === 'reply.failure' ? decodeBody<{ code: string }>(body).code : type.replace('reply.', '');
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

async function refusedOf(metrics: Registry): Promise<number> {
  return sumOf(await countsOf(metrics, 'messages_refused_total', 'why'));
}

function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, times) => sum + times, 0);
}

async function countsOf(metrics: Registry, name: string, label: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { labels, value } of (await metrics.getSingleMetric(name)?.get())?.values ?? []) {
    const key = String(labels[label]);
    counts[key] = (counts[key] ?? 0) + value;
  }
  return counts;
}
