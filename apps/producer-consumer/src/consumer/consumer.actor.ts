import type { ConsumerMessage, ReadPage, SendReply } from '@aisle/contracts';
import { dataRefusal } from '@aisle/persistence';
import type { ClusterRegistry, Registry } from '@aisle/registry';
import { isFailure } from '@aisle/std';
import {
  StateKeeper, genServer, ignore, noReply, ok, reply, stop, stopReply, type Address, type Context, type From,
  type StateKeeperProtocol,
} from '@aisle/supervision';
import { NameFailure } from '../holder/named-servers.ts';
import { ConsumerFailure } from './consumer-failures.ts';
import type { ConsumerRecord, ConsumerRepository } from './consumer.repository.ts';
import { History, type MessagePage, type StoredMessage } from './history.ts';
import type { MessageLog } from './message-log.ts';

/** The messages of a consumer's process. A `send` is answered once PostgreSQL has the message. */
export interface ConsumerProtocol {
  call: {
    send(message: { readonly id: string; readonly json: string }): SendReply;
    read(page: ReadPage): ConsumerPage;
    /** Deletes the consumer and its history, and frees its name. */
    stop(commandId: string): void;
  };
  continue: 'take up';
}

/** A consumer and a page of its messages. */
export interface ConsumerPage {
  readonly record: ConsumerRecord;
  readonly page: MessagePage;
}

/** The parts that all consumers of a process share. */
export interface ConsumerParts {
  /** The names that this process holds. */
  readonly localNames: Registry<ConsumerProtocol, undefined>;
  /** The names of the whole group of processes. */
  readonly clusterNames: ClusterRegistry;
  readonly repository: ConsumerRepository;
  readonly log: MessageLog;
  readonly keeper: Address<StateKeeperProtocol>;
}

/** The arguments of a consumer's process. */
export interface ConsumerArguments extends ConsumerParts {
  readonly key: string;
  readonly tenant: string;
  readonly name: string;
}

/** A message that waits for its commit. */
interface PendingMessage {
  readonly json: string;
  readonly stored: Promise<SendReply>;
}

interface State extends ConsumerArguments {
  readonly record: ConsumerRecord;
  readonly history: History;
  readonly pending: Map<string, PendingMessage>;
  nextSeq: number;
  lastAtMs: number;
}

const HISTORY = { messagesMax: 100, charsMax: 65_536 };
const PENDING_MAX = 1_000;
const UNIQUE_VIOLATION = '23505';

/**
 * The process of one consumer. Only one process of the group holds its name. Its epoch in the store fences off any other writer,
 * even if the group disagrees about the holder.
 *
 * It ends with `{ shutdown: <the failure> }` if it cannot be sure of its state, and the next request starts it again. After a crash
 * its supervisor restarts it, and StateKeeper still has its history.
 */
export const ConsumerServer = genServer<ConsumerProtocol, State, ConsumerArguments>({
  name: 'ConsumerServer',
  mailbox: { messagesMax: PENDING_MAX },
  init(args, { self }) {
    // A request has started it before its supervisor could restart it.
    if (args.localNames.whereis(args.key)) return ignore;
    args.localNames.register(self, args.key, undefined);
    return ok(args as State, { continue: 'take up' });
  },
  async handleContinue(state, _what, ctx) {
    try {
      return noReply(await takeUp(state, ctx));
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      return stop({ shutdown: failure });
    }
  },
  handleCall: {
    send(state, message, from, ctx) {
      const known = state.history.find(message.id);
      if (known) return reply(replayOf(known, message.json), state);
      const pending = state.pending.get(message.id);
      if (pending) replyLater(from, pending.stored.then((sent) => replayed(sent, pending.json, message.json)));
      else submit(state, message, from, ctx);
      return noReply(state);
    },
    read(state, { cursor = '0', limit }, from) {
      if (!state.clusterNames.holds(state.key)) throw NameFailure.moving();
      const { record, history, repository } = state;
      const recent = history.page(Number(cursor), limit);
      if (recent) return reply({ record, page: recent }, state);
      replyLater(from, repository.page(record.id, Number(cursor), limit).then((page) => ({ record, page })));
      return noReply(state);
    },
    async stop(state, commandId, _from, ctx) {
      const nowMs = ctx.runtime.clock.nowMs();
      if (!(await state.repository.remove(state.record, commandId, nowMs))) throw NameFailure.moving();
      await StateKeeper.drop(ctx, state.keeper, state.record.id);
      return stopReply('normal', undefined, state);
    },
  },
});

/** Claims the name first and loads afterwards, so that it sees everything that another process wrote before the claim. */
async function takeUp(state: State, ctx: Context): Promise<State> {
  const { key, tenant, name, clusterNames, repository, keeper } = state;
  if (!(await repository.find(tenant, name))) throw ConsumerFailure.missing(name);
  await clusterNames.register(ctx.self, key, null);
  const record = await repository.takeUp(tenant, name);
  if (!record) throw ConsumerFailure.missing(name);
  const kept = await StateKeeper.take<History>(ctx, keeper, record.id);
  const history = kept ?? new History(HISTORY);
  if (!kept) await StateKeeper.give(ctx, keeper, record.id, history);
  const latest = await repository.latest(record.id, history.lastSeq, HISTORY.messagesMax);
  history.load(latest, latest.length === HISTORY.messagesMax);
  return {
    ...state, record, history, pending: new Map(), nextSeq: history.lastSeq + 1, lastAtMs: history.lastAtMs,
  };
}

function submit(
  state: State, { id, json }: { id: string; json: string }, from: From<SendReply>, { self, runtime }: Context,
): void {
  const { record, log, pending } = state;
  if (pending.size >= PENDING_MAX) throw ConsumerFailure.busy(PENDING_MAX);
  // The wall clock may jump back, but the times of a history must not.
  const atMs = Math.max(runtime.clock.nowMs(), state.lastAtMs);
  const message = { seq: state.nextSeq, id, json, atMs };
  const stored = log
    .append({ ...message, consumer: record.id, epoch: record.epoch })
    .then((outcome) => settle(state, message, outcome))
    .finally(() => pending.delete(id));
  pending.set(id, { json, stored });
  state.nextSeq += 1;
  state.lastAtMs = atMs;
  replyLater(from, stored);
  stored.catch((failure: unknown) => {
    if (isRefusedMessage(failure)) return;
    if (!isFailure(failure)) self.exit({ error: failure });
    // The contents of the store are uncertain now. The next process of the consumer loads them.
    else if (failure.kind === 'unavailable') self.exit({ shutdown: failure });
  });
}

async function settle(
  { record, history, repository }: State, message: StoredMessage, outcome: 'stored' | 'known' | 'refused',
): Promise<SendReply> {
  if (outcome === 'refused') throw NameFailure.moving();
  if (outcome === 'stored') {
    history.add(message);
    return { message: messageView(message), replayed: false };
  }
  const known = await repository.message(record.id, message.id);
  if (!known) throw NameFailure.moving();
  return replayOf(known, message.json);
}

/**
 * Whether PostgreSQL refused this message alone. A unique violation is different: another process has written, so this one is
 * outdated.
 */
function isRefusedMessage(failure: unknown): boolean {
  const refusal = dataRefusal(failure);
  return refusal !== undefined && refusal.sqlState !== UNIQUE_VIOLATION;
}

function replayOf(known: StoredMessage, json: string): SendReply {
  return replayed({ message: messageView(known), replayed: true }, known.json, json);
}

function replayed({ message }: SendReply, before: string, now: string): SendReply {
  if (before !== now) throw ConsumerFailure.idempotencyMismatch();
  return { message, replayed: true };
}

export function messageView({ id, json, atMs }: StoredMessage): ConsumerMessage {
  return { id, body: JSON.parse(json) as unknown, at: new Date(atMs).toISOString() };
}

function replyLater<T>(from: From<T>, promise: Promise<T>): void {
  promise.then((value) => from.reply(value), (failure: unknown) => from.fail(failure));
}
