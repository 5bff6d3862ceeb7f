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

/** The tenant and the name of a consumer. */
export interface ConsumerName {
  readonly tenant: string;
  readonly name: string;
}

/** The parts of `Consumers`. */
export interface ConsumersOptions {
  readonly parts: ConsumerParts;
  /** The address of DynamicConsumerSupervisor. */
  readonly supervisor: Address;
  readonly runtime: Runtime;
}

const NO_TIMEOUT = { timeoutMs: 'infinity' } as const;
const FIRST_PAGE: ReadPage = { limit: 100 };

/** The key under which the group registers a consumer. */
export function consumerKey({ tenant, name }: ConsumerName): string {
  return actorKey(tenant, 'consumers', name);
}

/**
 * The consumers of this process. A request starts the consumer's process if no process of the group has it; if another one has it,
 * the request throws `NameTaken`.
 */
export class Consumers {
  private readonly servers: NamedServers<ConsumerProtocol>;

  constructor(private readonly options: ConsumersOptions) {
    this.servers = new NamedServers(options.parts.localNames, options.supervisor);
  }

  /** Starts a consumer under a free name. Throws `ConsumerFailure.alreadyStarted` unless the same command started it before. */
  async start(which: ConsumerName, commandId: string): Promise<StartReply> {
    const { runtime, parts: { repository } } = this.options;
    const { tenant, name } = which;
    const id = uuidv7(runtime);
    const record = { id, name, epoch: 0, commandId, startedAtMs: runtime.clock.nowMs() };
    if (await repository.create(tenant, record)) return { consumer: await this.read(which, FIRST_PAGE), replayed: false };
    const taken = await repository.find(tenant, name);
    // It was stopped in between. The next attempt finds out whether the name is free.
    if (!taken) throw NameFailure.moving();
    // The store has all acknowledged messages, whichever process has the consumer.
    const consumer = viewOf(taken, await repository.page(taken.id, 0, FIRST_PAGE.limit));
    if (taken.commandId === commandId) return { consumer, replayed: true };
    throw ConsumerFailure.alreadyStarted(consumer);
  }

  /** Resolves once the message is in the store. A repetition under the same id gets the same answer. */
  send(which: ConsumerName, message: { readonly id: string; readonly body: unknown }): Promise<SendReply> {
    const json = JSON.stringify(message.body);
    return this.ask(which, (server) => server.call('send', { id: message.id, json }, NO_TIMEOUT));
  }

  /** Reads a consumer and a page of its messages, in the order in which they arrived. */
  async read(which: ConsumerName, page: ReadPage): Promise<Consumer> {
    const found = await this.ask(which, (server) => server.call('read', page, NO_TIMEOUT));
    return viewOf(found.record, found.page);
  }

  /** Deletes a consumer. It is idempotent by command id for a day. */
  async stop(which: ConsumerName, commandId: string): Promise<void> {
    try {
      await this.ask(which, (server) => server.call('stop', commandId, NO_TIMEOUT));
    } catch (failure) {
      const isGone = isFailure(failure) && failure.kind === 'missing';
      if (!isGone || !(await this.options.parts.repository.wasStoppedBy(which.tenant, commandId))) throw failure;
    }
  }

  /** A page of all consumers of a tenant, sorted by name. */
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

/** The consumer without its messages. The first process of a consumer does not count as a restart. */
function headOf({ name, epoch, startedAtMs }: ConsumerRecord): ConsumerList['items'][number] {
  return { name, restarts: Math.max(0, epoch - 1), startedAt: new Date(startedAtMs).toISOString() };
}
