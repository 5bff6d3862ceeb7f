import { ROUTERS, type ShardGroup } from '../shards.ts';
import { messageOf, type Message, type MessageDeclaration } from './message.ts';

/** The addressee in the header of a message: an actor of a market. */
export interface Addressee {
  readonly market: string;
  readonly actor: string;
}

/** The addressing of the actors of a protocol. */
export type ProtocolOptions<Key> = {
  /** Returns the addressee of a key. */
  readonly key: (key: Key) => Addressee;
} & ({
  /** The shard group of the actors. Managers of the group route each message to the owner of its shard. */
  readonly sharded: ShardGroup;
  readonly queue?: never;
} | {
  /** The queue of an app of which any process answers. */
  readonly queue: string;
  readonly sharded?: never;
});

const ADDRESSING: unique symbol = Symbol('addressing');

/** A protocol: the declaration of the messages to one kind of addressable actor. */
export interface Protocol<Key = unknown> {
  [ADDRESSING](key: Key): Addressee;
}

/** A protocol with the types of its messages, by name. */
export type ProtocolOf<Key, Messages> = Protocol<Key> & { readonly [Name in keyof Messages]: MessageIn<Messages[Name]> };

type MessageIn<Declaration> = Declaration extends MessageDeclaration<infer Sent, infer Body, infer Reply, infer Repeatable>
  ? Message<Sent, Body, Reply, Repeatable> : never;

/** The messages of a protocol. */
export type MessagesOf<P> = { readonly [Name in keyof P as P[Name] extends Message ? Name : never]: P[Name] };

/** The type of the keys of a protocol. */
export type KeyOf<P> = P extends Protocol<infer Key> ? Key : never;

/**
 * Declares the messages to one kind of actor. Everything else follows from the declaration: the client, the queue, the route, the
 * shard group and the types of the handlers. So does the validation where a message enters a process. On the wire, the message
 * `rollOut` of the protocol `strategy` is called `strategy.roll-out`.
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

/** The addressee of a key of the protocol. */
export function addresseeOf<P extends Protocol>(declared: P, key: KeyOf<P>): Addressee {
  return declared[ADDRESSING](key);
}

/** Sends a message of a protocol and returns a promise of the answer. */
export type Send = (message: Message, body: unknown) => unknown;

/** A client: each message of a protocol as a function from its body, if it has one, to a promise of the answer. */
export type ClientOf<P, Only extends Message = Message> = {
  readonly [Name in keyof MessagesOf<P> as P[Name] extends Only ? Name : never]:
    P[Name] extends Message<infer Sent, unknown, infer Reply> ? ClientMethod<Sent, Reply> : never;
};

type ClientMethod<Sent, Reply> = [Sent] extends [void]
  ? () => Promise<Reply>
  : (body: Sent) => Promise<Reply>;

const CLIENTS = new WeakMap<object, new (send: Send) => object>();

/** Creates a client of the protocol that sends by `send`. It is cheap: one object. */
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
