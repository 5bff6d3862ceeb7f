import { ROUTERS, type ShardGroup } from '../shards.ts';
import { messageOf, type Message, type MessageDeclaration } from './message.ts';

/** Whom a message is for, as its header says: a thing (`actor`) of a market. */
export interface Addressee {
  readonly market: string;
  readonly actor: string;
}

/** How the things of a protocol are addressed, and who answers. */
export type ProtocolOptions<Key> = {
  /** The addressee that a key stands for. */
  readonly key: (key: Key) => Addressee;
} & ({
  /** The shard group of the things: managers of the group route each message to the owner of its thing. */
  readonly sharded: ShardGroup;
  readonly queue?: never;
} | {
  /** The queue on which any process of an app answers. */
  readonly queue: string;
  readonly sharded?: never;
});

const ADDRESSING: unique symbol = Symbol('addressing');

/** Any protocol: what is declared of one kind of addressable thing. */
export interface Protocol<Key = unknown> {
  [ADDRESSING](key: Key): Addressee;
}

/** A protocol of which the messages are known, by name. */
export type ProtocolOf<Key, Messages> = Protocol<Key> & { readonly [Name in keyof Messages]: MessageIn<Messages[Name]> };

type MessageIn<Declaration> = Declaration extends MessageDeclaration<infer Sent, infer Body, infer Reply, infer Repeatable>
  ? Message<Sent, Body, Reply, Repeatable> : never;

/** The messages of a protocol. */
export type MessagesOf<P> = { readonly [Name in keyof P as P[Name] extends Message ? Name : never]: P[Name] };

/** The key of the things of a protocol. */
export type KeyOf<P> = P extends Protocol<infer Key> ? Key : never;

/**
 * Declares what can be said to one kind of thing. All else follows from it: the client, the queue, the route and the shard
 * group, the types of the handlers, and what is looked at where a process is entered. On the wire the message `rollOut` of the
 * protocol `strategy` is `strategy.roll-out`.
 */
export function protocol<Key, Messages extends Record<string, object>>(
  name: string, options: ProtocolOptions<Key>, messages: Messages,
): ProtocolOf<Key, Messages> {
  const queue = options.queue ?? ROUTERS[options.sharded];
  const made = Object.entries(messages).map(([key, declared]) => {
    const route = { type: `${name}.${kebab(key)}`, queue, group: options.sharded };
    return [key, messageOf(route, declared as MessageDeclaration)];
  });
  return { ...Object.fromEntries(made), [ADDRESSING]: options.key } as unknown as ProtocolOf<Key, Messages>;
}

/** The messages of a protocol, as a list. */
export function messagesIn(declared: object): readonly Message[] {
  return Object.values(declared as Record<string, Message>);
}

/** The addressee that a key of the protocol stands for. */
export function addresseeOf<P extends Protocol>(declared: P, key: KeyOf<P>): Addressee {
  return declared[ADDRESSING](key);
}

/** Sends a message of the protocol and returns what came of it. */
export type Send = (message: Message, body: unknown) => unknown;

/** The messages of a protocol as functions: of the body, if there is one, to a promise of the answer. */
export type ClientOf<P, Only extends Message = Message> = {
  readonly [Name in keyof MessagesOf<P> as P[Name] extends Only ? Name : never]:
    P[Name] extends Message<infer Sent, unknown, infer Reply> ? ClientMethod<Sent, Reply> : never;
};

type ClientMethod<Sent, Reply> = [Sent] extends [void]
  ? () => Promise<Reply>
  : (body: Sent) => Promise<Reply>;

const CLIENTS = new WeakMap<object, new (send: Send) => object>();

/** A client of the protocol that sends by `send`. Making one costs an object. */
export function clientOf<P extends Protocol>(declared: P, send: Send): ClientOf<P> {
  let Client = CLIENTS.get(declared);
  if (!Client) CLIENTS.set(declared, (Client = clientClassOf(declared)));
  return new Client(send) as ClientOf<P>;
}

function clientClassOf(declared: object): new (send: Send) => object {
  class Client {
    readonly #send: Send;

    constructor(send: Send) {
      this.#send = send;
    }

    static method(message: Message) {
      return function (this: Client, body: unknown = {}): unknown {
        return this.#send(message, body);
      };
    }
  }
  for (const [name, message] of Object.entries(declared as Record<string, Message>)) {
    Object.defineProperty(Client.prototype, name, { value: Client.method(message) });
  }
  return Client;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
