import { sleep, systemRuntime, type Failure } from '@aisle/std';
import { ProcessFailure } from '../failures.ts';
import { genServer } from '../server/gen-server.ts';
import { VirtualSystem } from '../testing/index.ts';
import type { Context } from './context.ts';
import { noReply, ok, reply, stop } from './outcome.ts';
import type { Ref } from '../message/ref.ts';

describe('Process', () => {
  let system: VirtualSystem;
  beforeEach(() => {
    system = new VirtualSystem();
  });

  describe('one turn at a time', () => {
    it('finishes a turn that awaits before it takes the next message', async () => {
      const log: string[] = [];
      const Slow = genServer<{ call: { work(name: string): void } }, null>({
        name: 'Slow',
        init: () => ok(null),
        handleCall: {
          work: async (_, name, __, ctx) => {
            log.push(`${name} begins`);
            await sleep(ctx.runtime, 10);
            log.push(`${name} ends`);
            return reply(undefined, null);
          },
        },
      });
      const slow = await system.start(Slow.childSpec(undefined));

      const both = Promise.all([slow.call('work', 'a'), slow.call('work', 'b')]);
      await system.advance(20);
      await both;

      expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    });

    it('does not re-enter a server whose turn calls one that calls back', async () => {
      const log: string[] = [];
      const Echo = genServer<{ call: { ask(back: Ref): void } }, null>({
        name: 'Echo',
        init: () => ok(null),
        handleCall: {
          ask: (_, back) => {
            back.cast('note', 'from within');
            return reply(undefined, null);
          },
        },
      });
      const Front = genServer<{ cast: { go(): void; note(text: string): void } }, null>({
        name: 'Front',
        init: () => ok(null),
        handleCast: {
          go: (_, __, ctx) => {
            void echo.call('ask', ctx.self);
            log.push('end of turn');
            return noReply(null);
          },
          note: (_, text) => {
            log.push(text);
            return noReply(null);
          },
        },
      });
      const echo = await system.start(Echo.childSpec(undefined));
      const front = await system.start(Front.childSpec(undefined));

      front.cast('go');
      await system.settle();

      expect(log).toEqual(['end of turn', 'from within']);
    });

    it('keeps the order of a long chain of calls, deeper than the stack', async () => {
      const Link = genServer<{ call: { down(n: number): number } }, Ref | undefined, Ref | undefined>({
        name: 'Link',
        init: (next) => ok(next),
        handleCall: {
          down: async (next, n) => reply(next ? 1 + ((await next.call('down', n)) as number) : n, next),
        },
      });
      let last: Ref | undefined;
      for (let index = 0; index < 5_000; index += 1) last = await system.start(Link.childSpec(last));

      const depth = last!.call('down', 1);
      await system.settle();

      expect(await depth).toBe(5_000);
    });

    it('lets the event loop turn under a server that is never idle', async () => {
      let turns = 0;
      const Busy = genServer<{ cast: { again(): void } }, null>({
        name: 'Busy',
        init: () => ok(null),
        handleCast: {
          again: (_, __, ctx) => {
            turns += 1;
            ctx.self.cast('again');
            return noReply(null);
          },
        },
      });
      const busy = await system.start(Busy.childSpec(undefined));
      busy.cast('again');

      await new Promise<void>((resolve) => systemRuntime.defer(resolve));

      expect(turns).toBeGreaterThan(0);
      busy.exit('kill');
    });
  });

  it('lets the event loop turn under a caller that never waits for anything else', async () => {
    let done = 0;
    const Idle = genServer<{ call: { ask(): void } }, null>({
      name: 'Idle',
      init: () => ok(null),
      handleCall: { ask: () => reply(undefined, null) },
    });
    const idle = await system.start(Idle.childSpec(undefined));
    const calling = (async () => {
      for (; done < 10_000; done += 1) await idle.call('ask');
    })();

    // One turn of the real loop drains all microtasks. Virtual time would hold back the work of the next turn.
    await new Promise<void>((resolve) => systemRuntime.defer(resolve));
    expect(done).toBeLessThan(10_000);
    await system.settle();
    await calling;

    expect(done).toBe(10_000);
  });

  it('gives each turn a signal of its own', async () => {
    const signals: AbortSignal[] = [];
    const Turning = genServer<{ call: { turn(): void } }, null>({
      name: 'Turning',
      init: () => ok(null),
      handleCall: {
        turn: (_, __, ___, ctx) => {
          signals.push(ctx.signal, ctx.signal);
          return reply(undefined, null);
        },
      },
    });
    const turning = await system.start(Turning.childSpec(undefined));

    await turning.call('turn');
    await turning.call('turn');
    turning.exit('kill');

    expect(new Set(signals).size).toBe(2);
    expect(signals.some(({ aborted }) => aborted)).toBe(false);
  });

  describe('a call to oneself', () => {
    const Loop = genServer<{ call: { now(): void; later(): void; caught(): string } }, null>({
      name: 'Loop',
      init: () => ok(null),
      handleCall: {
        now: async (_, __, ___, ctx) => reply(await ctx.self.call('now'), null),
        later: async (_, __, ___, ctx) => {
          await Promise.resolve();
          return reply(await ctx.call(ctx.self, 'later'), null);
        },
        caught: async (_, __, ___, ctx) =>
          reply(await ctx.self.call('caught').catch(({ code }) => code as string), null),
      },
    });

    it.each(['now', 'later'] as const)('fails at once with deadlock, and crashes (%s)', async (name) => {
      const loop = await system.start(Loop.childSpec(undefined));

      await expect(loop.call(name)).rejects.toMatchObject({ cause: { code: 'deadlock' } });

      expect(loop.alive).toBe(false);
    });

    it('can be caught', async () => {
      const loop = await system.start(Loop.childSpec(undefined));

      expect(await loop.call('caught')).toBe('deadlock');
    });
  });

  describe('a zombie, whose turn goes on after it was killed', () => {
    let context: Context;
    let resume: () => void;
    const log: unknown[] = [];
    const Zombie = genServer<{ call: { hang(): string }; cast: { x(): void } }, null>({
      name: 'Zombie',
      init: () => ok(null),
      handleCall: {
        hang: async (_, __, from, ctx) => {
          context = ctx;
          const { signal } = ctx;
          await new Promise<void>((resolve) => (resume = resolve));
          log.push(signal.aborted, from.reply('too late'));
          ctx.self.cast('x');
          log.push('never reached');
          return reply('never', null);
        },
      },
      handleCast: { x: () => noReply(null) },
    });

    it('sees its signal aborted, cannot answer, and throws at its next step', async () => {
      const zombie = await system.start(Zombie.childSpec(undefined));
      const answer = expect(zombie.call('hang')).rejects.toMatchObject({ reason: 'killed' });
      await system.settle();

      zombie.exit('kill');
      resume();
      await system.settle();

      await answer;
      expect(log).toEqual([true, false]);
      expect(system.processCount).toBe(0);
    });

    it.each(['throws', 'returns'])('that %s in the end is reported to nobody', async (how) => {
      let terminated = 0;
      const Late = genServer<{ cast: { hang(): void } }, null>({
        name: 'Late',
        init: () => ok(null),
        handleCast: {
          hang: async () => {
            await new Promise<void>((resolve) => (resume = resolve));
            if (how === 'throws') throw new Error('too late');
            return stop({ error: 'too late' });
          },
        },
        terminate: () => void (terminated += 1),
      });
      const late = await system.start(Late.childSpec(undefined));
      late.cast('hang');
      await system.settle();

      late.exit('kill');
      resume();
      await system.settle();

      expect([terminated, system.crashes]).toEqual([0, []]);
    });

    it.each<[string, (ctx: Context) => unknown]>([
      ['self', (ctx) => ctx.self],
      ['signal', (ctx) => ctx.signal],
      ['runtime', (ctx) => ctx.runtime],
      ['trapExit', (ctx) => (ctx.trapExit = true)],
      ['call', (ctx) => ctx.call(ctx.self, 'x')],
      ['sendAfter', (ctx) => ctx.sendAfter(1, 'x')],
      ['sendEvery', (ctx) => ctx.sendEvery(1, 'x')],
      ['startLink', (ctx) => ctx.startLink(Zombie.childSpec(undefined))],
      ['monitor', (ctx) => ctx.monitor(ctx.self)],
      ['link', (ctx) => ctx.link(ctx.self)],
    ])('can no longer use ctx.%s', (_, use) => {
      expect(() => use(context)).toThrow(expect.objectContaining({ code: 'process.dead' }));
    });
  });

  describe('timers', () => {
    const Clock = genServer<{ cast: { stop(): void }; info: string }, string[], string[]>({
      name: 'Clock',
      init: (log, ctx) => {
        ctx.sendAfter(30, 'once');
        const ticking = ctx.sendEvery(20, 'tick');
        ctx.sendAfter(70, 'cancel').cancel();
        ctx.sendAfter(50, 'enough');
        cancelTicking = () => ticking.cancel();
        return ok(log);
      },
      handleInfo: (log, message) => {
        log.push(message as string);
        if (message === 'enough') cancelTicking();
        return noReply(log);
      },
      handleCast: { stop: () => noReply([]) },
    });
    let cancelTicking: () => void;

    it('send messages, once or again and again, until they are cancelled', async () => {
      const log: string[] = [];
      await system.start(Clock.childSpec(log));

      await system.advance(100);

      expect(log).toEqual(['tick', 'once', 'tick', 'enough']);
      expect(system.virtual.pendingTimers).toBe(0);
    });

    it('end with their process', async () => {
      const log: string[] = [];
      const clock = await system.start(Clock.childSpec(log));

      clock.exit('kill');

      expect(system.virtual.pendingTimers).toBe(0);
    });
  });

  describe('refused messages', () => {
    const Moody = genServer<{ cast: { refuse(): void }; info: string }, number>({
      name: 'Moody',
      init: () => ok(0),
      handleCast: {
        refuse: () => {
          throw ProcessFailure.noproc('somebody else');
        },
      },
    });

    it('go to the dead letters if there is no caller, and the server lives', async () => {
      const moody = await system.start(Moody.childSpec(undefined));

      moody.cast('refuse');
      moody.send('what is this');
      await system.settle();

      expect(system.letters).toMatchObject([
        { kind: 'cast', name: 'refuse', cause: 'refused' },
        { kind: 'info', payload: 'what is this', cause: 'unhandled' },
      ]);
      expect(moody.alive).toBe(true);
    });
  });

  describe('trace', () => {
    const Counter = genServer<{ call: { add(n: number): number; crash(): void } }, number>({
      name: 'Counter',
      init: () => ok(0),
      handleCall: {
        add: (count, n) => reply(count + n, count + n),
        crash: () => {
          throw new Error('bug');
        },
      },
    });

    it('shows messages, state changes and crashes until it is removed', async () => {
      const counter = await system.start(Counter.childSpec(undefined));
      const seen: unknown[] = [];
      const untrace = counter.trace({
        onMessage: (_, { name, payload }) => seen.push({ name, payload }),
        onState: (_, state, previous) => seen.push({ state, previous }),
        onCrash: (_, reason) => seen.push(reason),
      });
      const other = counter.trace({ onCrash: (_, reason) => seen.push(reason) });

      await counter.call('add', 2);
      await counter.call('add', 0);
      untrace();
      await counter.call('add', 3);
      await counter.call('crash').catch(() => undefined);
      other();

      expect(seen).toEqual([
        { name: 'add', payload: 2 },
        { state: 2, previous: 0 },
        { name: 'add', payload: 0 },
        { error: new Error('bug') },
      ]);
    });

    it('harms no process when it throws: the error surfaces as uncaught', async () => {
      const counter = await system.start(Counter.childSpec(undefined));
      counter.trace({
        onMessage: () => {
          throw new Error('broken tracer');
        },
      });

      expect(await counter.call('add', 1)).toBe(1);
      await expect(system.settle()).rejects.toThrow('broken tracer');
    });
  });

  it('is a Failure or not, by its kind: a server tells them apart across packages', async () => {
    class Foreign extends Error {
      readonly kind: Failure['kind'] = 'rejected';
      readonly code = 'foreign.refused';
      readonly details = {};
    }
    const Foreigner = genServer<{ call: { ask(): void } }, null>({
      name: 'Foreigner',
      init: () => ok(null),
      handleCall: {
        ask: () => {
          throw new Foreign('no');
        },
      },
    });
    const foreigner = await system.start(Foreigner.childSpec(undefined));

    await expect(foreigner.call('ask')).rejects.toMatchObject({ code: 'foreign.refused' });
    expect(foreigner.alive).toBe(true);
  });
});
