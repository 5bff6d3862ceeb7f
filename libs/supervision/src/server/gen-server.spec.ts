import { failures } from '@aisle/std';
import { ChildFailure, StartFailed } from '../failures.ts';
import type { Unchecked } from '../message/protocol.ts';
import type { From } from '../message/request.ts';
import {
  ignore, noReply, ok, reply, stop, type MaybePromise, type Outcome,
} from '../process/outcome.ts';
import { crash, crashOn, VirtualSystem } from '../testing/index.ts';
import { genServer } from './gen-server.ts';

describe('GenServer', () => {
  let system: VirtualSystem;
  beforeEach(() => {
    system = new VirtualSystem();
  });

  it('answers calls and handles casts in order of arrival', async () => {
    const account = await system.start(Account.childSpec(100));

    account.cast('deposit', 20);
    const first = account.call('withdraw', 50);
    account.cast('deposit', 1);

    expect(await first).toBe(70);
    expect(await account.call('balance')).toBe(71);
  });

  it('answers a call to an idle server by a promise, so the caller goes on first', async () => {
    const account = await system.start(Account.childSpec(100));
    const order: string[] = [];

    const answered = account.call('balance').then(() => order.push('answered'));
    order.push('went on');
    await answered;

    expect(order).toEqual(['went on', 'answered']);
  });

  it('refuses with a Failure, and lives on with the state it had', async () => {
    const account = await system.start(Account.childSpec(10));

    await expect(account.call('withdraw', 50)).rejects.toMatchObject({ code: 'account.overdrawn' });

    expect(await account.call('balance')).toBe(10);
    expect(system.crashes).toEqual([]);
  });

  it('crashes on anything else, and the caller learns why', async () => {
    const account = await system.start(Account.childSpec(10));
    const bug = new TypeError('undefined is not a number');
    crashOn(account, ({ name }) => name === 'balance', bug);

    await expect(account.call('balance')).rejects.toMatchObject({
      kind: 'unknown',
      code: 'process.exited',
      reason: { error: bug },
      cause: bug,
    });

    expect(account.alive).toBe(false);
    expect(system.crashes).toMatchObject([
      { ref: account, reason: { error: bug }, message: { kind: 'call', name: 'balance', payload: undefined } },
    ]);
  });

  it('tells callers in the mailbox of a crashed server that they may retry', async () => {
    const account = await system.start(Account.childSpec(10));
    crash(account);

    await expect(account.call('balance')).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'process.exited',
    });
    await expect(account.call('balance')).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'process.noproc',
    });
  });

  it('rejects a call it has no handler for, and lives', async () => {
    const account = await system.start(Account.childSpec(10));

    // @ts-expect-error no such call
    await expect(account.call('toString')).rejects.toMatchObject({ code: 'call.unhandled' });

    expect(account.alive).toBe(true);
  });

  it('crashes when a handler returns no outcome, however the types were evaded', async () => {
    const Forgetful = genServer<{ call: { now(): void; later(): void } }, null>({
      name: 'Forgetful',
      init: () => ok(null),
      handleCall: { now: () => undefined as Unchecked, later: async () => undefined as Unchecked },
    });

    for (const name of ['now', 'later'] as const) {
      const server = await system.start(Forgetful.childSpec(undefined));
      await expect(server.call(name)).rejects.toMatchObject({ cause: { name: 'TypeError' } });
    }
    const Unborn = genServer<object, null>({ name: 'Unborn', init: () => undefined as Unchecked });
    await expect(system.start(Unborn.childSpec(undefined))).rejects.toThrow(StartFailed);
    expect(system.processCount).toBe(0);
  });

  describe('init', () => {
    const Starting = genServer<object, string, () => MaybePromise<Outcome<never, string>>>({
      name: 'Starting',
      init: (run) => run(),
    });

    it.each<[string, () => Unchecked, unknown]>([
      ['a throw', () => { throw new Error('no'); }, { error: new Error('no') }],
      ['a rejection', () => Promise.reject(new Error('no')), { error: new Error('no') }],
      ['stop', () => stop({ shutdown: 'not today' }), { shutdown: 'not today' }],
      ['a later stop', async () => stop('normal'), 'normal'],
    ])('fails the start by %s', async (_, init, reason) => {
      const start = system.start(Starting.childSpec(init));

      await expect(start).rejects.toThrow(StartFailed);
      await expect(start).rejects.toMatchObject({ reason });
      expect(system.processCount).toBe(0);
    });

    it.each<[string, () => Unchecked]>([['at once', () => ignore], ['later', async () => ignore]])(
      'starts no process when it returns ignore %s',
      async (_, init) => {
        await expect(system.start(Starting.childSpec(init))).rejects.toMatchObject({ code: ChildFailure.ignored.code });

        expect(system.processCount).toBe(0);
      },
    );

    it('fails the start when the process is killed while init waits', async () => {
      const start = system.start(Starting.childSpec(() => new Promise<never>(() => undefined)));
      await system.settle();

      for (const process of system.processes) process.exit('kill');

      await expect(start).rejects.toMatchObject({ reason: 'killed' });
    });

    it('ends before any process has the ref, and early messages wait', async () => {
      const handled: string[] = [];
      const Early = genServer<{ info: string }, null>({
        name: 'Early',
        init: async (_, ctx) => {
          ctx.self.send('sent in init');
          await Promise.resolve();
          handled.push('init');
          return ok(null);
        },
        handleInfo: (_, message) => {
          handled.push(message as string);
          return noReply(null);
        },
      });

      await system.start(Early.childSpec(undefined));
      await system.settle();

      expect(handled).toEqual(['init', 'sent in init']);
    });
  });

  describe('handleContinue', () => {
    it('runs after init and before any message: the start does not wait for it', async () => {
      const log: string[] = [];
      const Slow = genServer<{ call: { ask(): string }; continue: 'load' }, string>({
        name: 'Slow',
        init: () => ok('empty', { continue: 'load' }),
        handleContinue: async () => {
          await Promise.resolve();
          log.push('loaded');
          return noReply('loaded');
        },
        handleCall: { ask: (state) => reply(state, state) },
      });

      const server = await system.start(Slow.childSpec(undefined));
      log.push('started');

      expect(await server.call('ask')).toBe('loaded');
      expect(log).toEqual(['started', 'loaded']);
    });

    it('runs before messages that came earlier than the turn that asked for it', async () => {
      const log: string[] = [];
      const Stepping = genServer<{ cast: { step(n: number): void }; continue: number }, null>({
        name: 'Stepping',
        init: () => ok(null),
        handleCast: {
          step: (_, n) => {
            log.push(`step ${n}`);
            return noReply(null, { continue: n });
          },
        },
        handleContinue: (_, n) => {
          log.push(`after ${n}`);
          return noReply(null);
        },
      });
      const server = await system.start(Stepping.childSpec(undefined));

      server.cast('step', 1);
      server.cast('step', 2);
      await system.settle();

      expect(log).toEqual(['step 1', 'after 1', 'step 2', 'after 2']);
    });

    it('crashes the server even on a Failure, because it has no caller', async () => {
      const Broken = genServer<{ continue: 'x' }, null>({
        name: 'Broken',
        init: () => ok(null, { continue: 'x' }),
        handleContinue: () => {
          throw AccountFailure.overdrawn();
        },
      });

      const server = await system.start(Broken.childSpec(undefined));

      expect(await server.whenDown()).toMatchObject({ error: { code: 'account.overdrawn' } });
    });
  });

  describe('a deferred reply', () => {
    interface BrokerProtocol {
      call: { wait(): string };
      cast: { release(answer: string): void };
    }
    const Broker = genServer<BrokerProtocol, From<string>[]>({
      name: 'Broker',
      init: () => ok([]),
      handleCall: { wait: (waiting, _, from) => noReply([...waiting, from]) },
      handleCast: {
        release: (waiting, answer) => {
          for (const from of waiting) from.reply(answer);
          return noReply([]);
        },
      },
    });

    it('answers any caller at any time', async () => {
      const broker = await system.start(Broker.childSpec(undefined));
      const answers = [broker.call('wait'), broker.call('wait')];

      broker.cast('release', 'now');

      expect(await Promise.all(answers)).toEqual(['now', 'now']);
    });

    it('fails when the server ends first', async () => {
      const broker = await system.start(Broker.childSpec(undefined));
      const answer = broker.call('wait');

      broker.exit('shutdown');

      await expect(answer).rejects.toMatchObject({ kind: 'unknown', reason: 'shutdown' });
    });

    it('fails after the timeout of the call, and a late one reaches no other call', async () => {
      const broker = await system.start(Broker.childSpec(undefined));
      const impatient = broker.call('wait', undefined, { timeoutMs: 100 });
      const outcome = expect(impatient).rejects.toMatchObject({ kind: 'unknown', code: 'call.timeout' });
      await system.advance(100);
      await outcome;
      const patient = broker.call('wait', undefined, { timeoutMs: 'infinity' });

      broker.cast('release', 'late');

      expect(await patient).toBe('late');
      expect(system.letters).toMatchObject([{ cause: 'late_reply', name: 'wait', payload: 'late' }]);
    });

    it('takes 5,000 ms at most by default, and leaves no timer behind', async () => {
      const broker = await system.start(Broker.childSpec(undefined));
      const call = broker.call('wait');
      await system.advance(4_999);
      broker.cast('release', 'just in time');

      expect(await call).toBe('just in time');
      expect(system.virtual.pendingTimers).toBe(0);
    });

    it('counts once, and a second answer goes to the dead letters', async () => {
      const Twice = genServer<{ call: { ask(): number } }, null>({
        name: 'Twice',
        init: () => ok(null),
        handleCall: {
          ask: (_, __, from) => {
            from.reply(1);
            return reply(2, null);
          },
        },
      });
      const server = await system.start(Twice.childSpec(undefined));

      expect(await server.call('ask')).toBe(1);
      expect(system.letters).toMatchObject([{ cause: 'late_reply', payload: 2 }]);
    });
  });

  it('is typed by its protocol: a wrong message or reply does not compile', async () => {
    const account = await system.start(Account.childSpec(100));
    const check = (): void => {
      // @ts-expect-error no such call
      void account.call('close');
      // @ts-expect-error the amount is a number
      void account.call('withdraw', '5');
      // @ts-expect-error the amount is missing
      void account.call('withdraw');
      // @ts-expect-error the reply is a number
      void account.call('balance').then((balance: string) => balance);
      // @ts-expect-error a cast is no call
      void account.call('deposit', 5);
      // @ts-expect-error this server takes no plain message
      void account.send('hello');
      // @ts-expect-error init takes a number
      Account.childSpec('100');
      genServer<AccountProtocol, number>({
        name: 'Wrong',
        init: () => ok(0),
        // @ts-expect-error balance answers a number
        handleCall: { balance: (state) => reply('0', state), withdraw: (state) => reply(0, state) },
        // @ts-expect-error a cast cannot be answered
        handleCast: { deposit: (state) => reply(state, state) },
      });
      genServer<AccountProtocol, number>({
        name: 'Wrong',
        init: () => ok(0),
        // @ts-expect-error withdraw has no handler
        handleCall: { balance: (state) => reply(state, state) },
        // @ts-expect-error the state is a number
        handleCast: { deposit: () => noReply('state') },
      });
      // @ts-expect-error a protocol with calls wants handleCall
      genServer<{ call: { ask(): void } }, number>({ name: 'Wrong', init: () => ok(0) });
    };

    expect(check).toBeInstanceOf(Function);
  });
});

interface AccountProtocol {
  call: { balance(): number; withdraw(amount: number): number };
  cast: { deposit(amount: number): void };
}

const AccountFailure = failures('account', { overdrawn: ['rejected', 'the account has not so much'] });

const Account = genServer<AccountProtocol, number, number>({
  name: 'Account',
  init: (opening) => ok(opening),
  handleCall: {
    balance: (state) => reply(state, state),
    withdraw: (state, amount) => {
      if (amount > state) throw AccountFailure.overdrawn();
      return reply(state - amount, state - amount);
    },
  },
  handleCast: { deposit: (state, amount) => noReply(state + amount) },
});
