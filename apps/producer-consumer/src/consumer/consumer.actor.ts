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

/** A consumer's messages. What is sent is answered once PostgreSQL has it. */
export interface ConsumerProtocol {
  call: {
    send(message: { readonly id: string; readonly json: string }): SendReply;
    read(page: ReadPage): ConsumerPage;
    /** Ends the consumer for good: its name is free, and its history is gone. */
    stop(commandId: string): void;
  };
  continue: 'take up';
}

/** What is read of a consumer. */
export interface ConsumerPage {
  readonly record: ConsumerRecord;
  readonly page: MessagePage;
}

/** What all consumers of a process share. */
export interface ConsumerParts {
  /** The names that are borne in this process. */
  readonly here: Registry<ConsumerProtocol, undefined>;
  /** The same names in the whole group. */
  readonly everywhere: ClusterRegistry;
  readonly repository: ConsumerRepository;
  readonly log: MessageLog;
  readonly keeper: Address<StateKeeperProtocol>;
}

export interface ConsumerArguments extends ConsumerParts {
  readonly key: string;
  readonly tenant: string;
  readonly name: string;
}

/** A message on its way to the store. */
interface UnderWay {
  readonly json: string;
  readonly stored: Promise<SendReply>;
}

interface State extends ConsumerArguments {
  readonly record: ConsumerRecord;
  readonly history: History;
  readonly underWay: Map<string, UnderWay>;
  nextSeq: number;
  lastAtMs: number;
}

const HISTORY = { messagesMax: 100, charsMax: 65_536 };
const UNDER_WAY_MAX = 1_000;
const UNIQUE_VIOLATION = '23505';

/**
 * One consumer. Its name is its own in the whole group, and its epoch in the store lets nobody else write, whatever
 * the group believes. Whatever leaves it in doubt ends it with `{ shutdown: <the failure> }`; the next
 * request brings it back. A crash does not end it: its supervisor starts it again, and StateKeeper has its history.
 */
export const ConsumerServer = genServer<ConsumerProtocol, State, ConsumerArguments>({
  name: 'ConsumerServer',
  mailbox: { messagesMax: UNDER_WAY_MAX },
  init(args, { self }) {
    // Somebody asked for it before its supervisor came to start it again.
    if (args.here.whereis(args.key)) return ignore;
    args.here.register(self, args.key, undefined);
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
      const underWay = state.underWay.get(message.id);
      if (underWay) answer(from, underWay.stored.then((sent) => replayed(sent, underWay.json, message.json)));
      else submit(state, message, from, ctx);
      return noReply(state);
    },
    read(state, { cursor = '0', limit }, from) {
      if (!state.everywhere.holds(state.key)) throw NameFailure.moving();
      const { record, history, repository } = state;
      const recent = history.page(Number(cursor), limit);
      if (recent) return reply({ record, page: recent }, state);
      answer(from, repository.page(record.id, Number(cursor), limit).then((page) => ({ record, page })));
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

/** Claims the name, then loads: what another server wrote until the claim is there to be seen. */
async function takeUp(state: State, ctx: Context): Promise<State> {
  const { key, tenant, name, everywhere, repository, keeper } = state;
  if (!(await repository.find(tenant, name))) throw ConsumerFailure.missing(name);
  await everywhere.register(ctx.self, key, null);
  const record = await repository.takeUp(tenant, name);
  if (!record) throw ConsumerFailure.missing(name);
  const kept = await StateKeeper.take<History>(ctx, keeper, record.id);
  const history = kept ?? new History(HISTORY);
  if (!kept) await StateKeeper.give(ctx, keeper, record.id, history);
  const latest = await repository.latest(record.id, history.lastSeq, HISTORY.messagesMax);
  history.load(latest, latest.length === HISTORY.messagesMax);
  return {
    ...state, record, history, underWay: new Map(), nextSeq: history.lastSeq + 1, lastAtMs: history.lastAtMs,
  };
}

function submit(
  state: State, { id, json }: { id: string; json: string }, from: From<SendReply>, { self, runtime }: Context,
): void {
  const { record, log, underWay } = state;
  if (underWay.size >= UNDER_WAY_MAX) throw ConsumerFailure.busy(UNDER_WAY_MAX);
  // The wall clock may jump back; a history does not.
  const atMs = Math.max(runtime.clock.nowMs(), state.lastAtMs);
  const message = { seq: state.nextSeq, id, json, atMs };
  const stored = log
    .append({ ...message, consumer: record.id, epoch: record.epoch })
    .then((outcome) => settle(state, message, outcome))
    .finally(() => underWay.delete(id));
  underWay.set(id, { json, stored });
  state.nextSeq += 1;
  state.lastAtMs = atMs;
  answer(from, stored);
  stored.catch((failure: unknown) => {
    if (isItsOwnFault(failure)) return;
    if (!isFailure(failure)) self.exit({ error: failure });
    // What is in the store is not certain any more: who takes the consumer up next will see.
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

/** PostgreSQL refuses this very message. A place that is taken, though, says that this server is not up to date. */
function isItsOwnFault(failure: unknown): boolean {
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

function answer<T>(from: From<T>, promise: Promise<T>): void {
  promise.then((value) => from.reply(value), (failure: unknown) => from.fail(failure));
}
