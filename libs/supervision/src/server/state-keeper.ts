import { checkNumber, failures } from '@aisle/std';
import { CallFailure } from '../failures.ts';
import type { Address, Ref } from '../message/ref.ts';
import type { Context } from '../process/context.ts';
import { isMessage } from '../process/links.ts';
import { ok, reply } from '../process/outcome.ts';
import { Process } from '../process/process.ts';
import type { ChildOptions, ChildSpec } from '../supervisor/child-spec.ts';
import { genServer } from './gen-server.ts';

/** The bound of the keeper. */
export interface StateKeeperOptions {
  /** Kept values; 10,000 by default. At the bound the oldest value without a living owner is dropped. */
  entriesMax?: number;
}

/** The protocol of a state keeper; the functions of `StateKeeper` send it. */
export interface StateKeeperProtocol {
  call: {
    give(entry: { key: string; value: unknown; owner: Ref }): void;
    take(entry: { key: string; owner: Ref }): unknown;
    drop(entry: { key: string; owner: Ref }): boolean;
  };
}

/** Failures of a state keeper. */
export const KeeperFailure = failures('keeper', {
  /** The value belongs to another living process. */
  owned: ['conflict', 'the value belongs to another living process', (key: string, owner: Ref) => ({ key, owner: owner.label })],
  /** The keeper is at its bound, and every value in it has a living owner. */
  full: ['throttled', 'the keeper has no room for another value', (entriesMax: number) => ({ entriesMax })],
});

const ENTRIES_MAX = 10_000;

class Kept {
  private readonly entries = new Map<string, { value: unknown; owner: Ref }>();

  constructor(private readonly entriesMax: number) {}

  give(key: string, value: unknown, owner: Ref): void {
    if (this.owned(key, owner) === undefined && this.entries.size >= this.entriesMax) this.evict();
    this.entries.set(key, { value, owner });
  }

  take(key: string, owner: Ref): unknown {
    const entry = this.owned(key, owner);
    if (entry !== undefined) entry.owner = owner;
    return entry?.value;
  }

  drop(key: string, owner: Ref): boolean {
    this.owned(key, owner);
    return this.entries.delete(key);
  }

  private owned(key: string, by: Ref): { value: unknown; owner: Ref } | undefined {
    const entry = this.entries.get(key);
    if (entry !== undefined && entry.owner !== by && entry.owner.alive) {
      throw KeeperFailure.owned(key, entry.owner);
    }
    return entry;
  }

  private evict(): void {
    for (const [key, { owner }] of this.entries) {
      if (!owner.alive) return void this.entries.delete(key);
    }
    throw KeeperFailure.full(this.entriesMax);
  }
}

function read(request: unknown): { key?: unknown; owner?: unknown; value?: unknown } {
  try {
    const { key, owner, value } = Object(request) as { key?: unknown; owner?: unknown; value?: unknown };
    return { key, owner, value };
  } catch {
    return {};
  }
}

/** Checks the payload of a request, which any process may send. A keeper that crashed on it would lose its values. */
function entryOf(name: string, request: unknown): { key: string; owner: Ref; value: unknown } {
  const { key, owner, value } = read(request);
  if (typeof key !== 'string') throw CallFailure.invalid(name, 'the key must be a string');
  if (!isMessage(owner, Process)) throw CallFailure.invalid(name, 'the owner must be a process');
  return { key, owner: owner as Ref, value };
}

const server = genServer<StateKeeperProtocol, Kept, StateKeeperOptions>({
  name: 'StateKeeper',
  init: ({ entriesMax = ENTRIES_MAX }) => ok(new Kept(checkNumber('entriesMax', entriesMax, { min: 0, isEndless: true }))),
  handleCall: {
    give: (kept, request) => {
      const { key, owner, value } = entryOf('give', request);
      return reply(kept.give(key, value, owner), kept);
    },
    take: (kept, request) => {
      const { key, owner } = entryOf('take', request);
      return reply(kept.take(key, owner), kept);
    },
    drop: (kept, request) => {
      const { key, owner } = entryOf('drop', request);
      return reply(kept.drop(key, owner), kept);
    },
  },
});

/**
 * OTP's ETS table with an heir: a value outlives the process that gave it, and its next incarnation takes it back. The
 * value is not copied, so a Map that is changed in place is taken back with its changes. Start the keeper before its
 * users.
 */
export const StateKeeper = {
  childSpec(
    options: StateKeeperOptions = {},
    childOptions?: ChildOptions,
  ): ChildSpec<StateKeeperOptions, StateKeeperProtocol> {
    return server.childSpec(options, childOptions);
  },

  /** Stores `value` for the process of `ctx`. Rejects with KeeperFailure.owned or KeeperFailure.full. */
  give(ctx: Context, keeper: Address<StateKeeperProtocol>, key: string, value: unknown): Promise<void> {
    return keeper.call('give', { key, value, owner: ctx.self });
  },

  /** The value that an earlier incarnation gave, which now belongs to this process. Undefined if there is none. */
  async take<T>(ctx: Context, keeper: Address<StateKeeperProtocol>, key: string): Promise<T | undefined> {
    return (await keeper.call('take', { key, owner: ctx.self })) as T | undefined;
  },

  /** Deletes the value; false if there was none. */
  drop(ctx: Context, keeper: Address<StateKeeperProtocol>, key: string): Promise<boolean> {
    return keeper.call('drop', { key, owner: ctx.self });
  },
};
