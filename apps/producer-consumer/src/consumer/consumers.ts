import {
  actorKey, type Consumer, type ConsumerList, type ReadPage, type SendReply, type StartReply,
} from '@aisle/contracts';
import { isFailure, uuidv7, type Runtime } from '@aisle/std';
import type { Address, Ref } from '@aisle/supervision';
import { NamedServers, NameFailure } from '../holder/named-servers.ts';
import { ConsumerServer, messageView, type ConsumerParts, type ConsumerProtocol } from './consumer.actor.ts';
import { ConsumerFailure } from './consumer-failures.ts';
import type { ConsumerRecord } from './consumer.repository.ts';
import type { MessagePage } from './history.ts';

/** Which consumer. */
export interface ConsumerName {
  readonly tenant: string;
  readonly name: string;
}

export interface ConsumersOptions {
  readonly parts: ConsumerParts;
  /** DynamicConsumerSupervisor. */
  readonly supervisor: Address;
  readonly runtime: Runtime;
}

const PATIENT = { timeoutMs: 'infinity' } as const;
const FIRST_PAGE: ReadPage = { limit: 100 };

/** The key of a consumer's name in the group. */
export function consumerKey({ tenant, name }: ConsumerName): string {
  return actorKey(tenant, 'consumers', name);
}

/**
 * The consumers of this process. A request for one that is nowhere brings it back; for one that is in
 * another process it throws that one's `NameTaken`.
 */
export class Consumers {
  private readonly servers: NamedServers<ConsumerProtocol>;

  constructor(private readonly options: ConsumersOptions) {
    this.servers = new NamedServers(options.parts.here, options.supervisor);
  }

  /** Starts a consumer under a name that nobody has. Throws `ConsumerFailure.alreadyStarted`. */
  async start(which: ConsumerName, commandId: string): Promise<StartReply> {
    const { runtime, parts: { repository } } = this.options;
    const { tenant, name } = which;
    const id = uuidv7(runtime);
    const record = { id, name, epoch: 0, commandId, startedAtMs: runtime.clock.nowMs() };
    if (await repository.create(tenant, record)) return { consumer: await this.read(which, FIRST_PAGE), replayed: false };
    const taken = await repository.find(tenant, name);
    // Stopped since; whether the name is free is for the next try to say.
    if (!taken) throw NameFailure.moving();
    // All that was acknowledged is in the store, wherever the consumer lives.
    const consumer = viewOf(taken, await repository.page(taken.id, 0, FIRST_PAGE.limit));
    if (taken.commandId === commandId) return { consumer, replayed: true };
    throw ConsumerFailure.alreadyStarted(consumer);
  }

  /** Resolves once the message is in the store. A message id is used once: the same again has the same answer. */
  send(which: ConsumerName, message: { readonly id: string; readonly body: unknown }): Promise<SendReply> {
    const json = JSON.stringify(message.body);
    return this.ask(which, (server) => server.call('send', { id: message.id, json }, PATIENT));
  }

  /** A page of its messages, in the order in which they arrived. */
  async read(which: ConsumerName, page: ReadPage): Promise<Consumer> {
    const found = await this.ask(which, (server) => server.call('read', page, PATIENT));
    return viewOf(found.record, found.page);
  }

  /** Ends a consumer for good. The command that has done so may come again. */
  async stop(which: ConsumerName, commandId: string): Promise<void> {
    try {
      await this.ask(which, (server) => server.call('stop', commandId, PATIENT));
    } catch (failure) {
      const isGone = isFailure(failure) && failure.kind === 'missing';
      if (!isGone || !(await this.options.parts.repository.wasStoppedBy(which.tenant, commandId))) throw failure;
    }
  }

  /** A page of all consumers there are, wherever they live. */
  async list(tenant: string, { cursor = '', limit }: ReadPage): Promise<ConsumerList> {
    const records = await this.options.parts.repository.list(tenant, cursor, limit);
    return {
      items: records.map(headOf),
      next: records.length < limit ? null : (records.at(-1)?.name ?? null),
    };
  }

  private ask<T>(which: ConsumerName, send: (server: Ref<ConsumerProtocol>) => Promise<T>): Promise<T> {
    const { parts } = this.options;
    const key = consumerKey(which);
    const spec = () => ConsumerServer.childSpec({ ...parts, ...which, key }, { id: which.name, restart: 'transient' });
    return this.servers.ask(key, spec, send);
  }
}

function viewOf(record: ConsumerRecord, { messages, more }: MessagePage): Consumer {
  const { name, restarts, startedAt } = headOf(record);
  const next = more ? String(messages.at(-1)?.seq) : null;
  return { name, messages: messages.map(messageView), next, restarts, startedAt };
}

/** The first server is no restart. */
function headOf({ name, epoch, startedAtMs }: ConsumerRecord): ConsumerList['items'][number] {
  return { name, restarts: Math.max(0, epoch - 1), startedAt: new Date(startedAtMs).toISOString() };
}
