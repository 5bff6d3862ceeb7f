import type { Ref } from '../message/ref.ts';
import { noReply, ok, reply } from '../process/outcome.ts';
import type { ChildSpec } from '../supervisor/child-spec.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { crash, VirtualSystem } from '../testing/index.ts';
import { genServer } from './gen-server.ts';
import { StateKeeper, type StateKeeperProtocol } from './state-keeper.ts';

describe('StateKeeper', () => {
  let system: VirtualSystem;
  let keeper: Ref<StateKeeperProtocol>;
  beforeEach(async () => {
    system = new VirtualSystem();
    keeper = await system.start(StateKeeper.childSpec({ entriesMax: 2 }));
  });

  it('gives a value back to the next incarnation of the process that gave it', async () => {
    const children = [history('history', 'messages')];
    const root = await system.start(Supervisor.childSpec({ strategy: 'one_for_one', children }));
    const address = Supervisor.child<HistoryProtocol>(root, 'history');
    address.cast('add', 'one');
    address.cast('add', 'two');
    await system.settle();

    crash(address.whereis()!);
    await system.settle();
    address.cast('add', 'three');

    expect(await address.call('all')).toEqual(['one', 'two', 'three']);
  });

  it('refuses the value to other processes while its owner lives', async () => {
    const owner = await system.start(history('a', 'messages'));

    await expect(system.start(history('b', 'messages'))).rejects.toMatchObject({
      cause: { kind: 'conflict', code: 'keeper.owned' },
    });
    owner.exit('kill');

    expect((await system.start(history('c', 'messages'))).alive).toBe(true);
  });

  it('forgets a dropped value', async () => {
    const owner = await system.start(history('a', 'messages'));
    owner.cast('add', 'one');

    expect(await owner.call('drop')).toBe(true);
    expect(await owner.call('drop')).toBe(false);
    owner.exit('kill');

    expect(await (await system.start(history('a', 'messages'))).call('all')).toEqual([]);
  });

  it('at its bound drops the oldest value without an owner, and no other', async () => {
    const first = await system.start(history('a', '1'));
    await system.start(history('b', '2'));

    await expect(system.start(history('c', '3'))).rejects.toMatchObject({
      cause: { kind: 'throttled', code: 'keeper.full' },
    });
    first.exit('kill');

    expect((await system.start(history('c', '3'))).alive).toBe(true);
  });

  interface HistoryProtocol {
    call: { all(): string[]; drop(): boolean };
    cast: { add(message: string): void };
  }

  function history(id: string, key: string): ChildSpec<undefined, HistoryProtocol> {
    const History = genServer<HistoryProtocol, string[]>({
      name: 'History',
      init: async (_, ctx) => {
        const kept = await StateKeeper.take<string[]>(ctx, keeper, key);
        if (kept !== undefined) return ok(kept);
        const empty: string[] = [];
        await StateKeeper.give(ctx, keeper, key, empty);
        return ok(empty);
      },
      handleCall: {
        all: (messages) => reply([...messages], messages),
        drop: async (messages, _, __, ctx) => reply(await StateKeeper.drop(ctx, keeper, key), messages),
      },
      handleCast: {
        add: (messages, message) => {
          messages.push(message);
          return noReply(messages);
        },
      },
    });
    return History.childSpec(undefined, { id });
  }
});
