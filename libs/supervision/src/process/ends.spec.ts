import fc from 'fast-check';
import {
  DynamicSupervisor, genServer, noReply, ok, reply, Supervisor, System, type ChildSpec, type Ref, type Unchecked,
} from '../index.ts';
import { Mailbox, CALL, CAST, Envelope } from '../message/mailbox.ts';
import { RestartIntensity } from '../supervisor/restart-policy.ts';
import { VirtualSystem } from '../testing/index.ts';
import { systemRuntime } from '@aisle/std';

interface EndsRecord {
  readonly inits: string[];
  readonly ends: string[];
}

describe('an init that hangs', () => {
  it.each<[string, number | 'brutal_kill', number]>([['gets its time', 100, 100], ['is killed at once', 'brutal_kill', 0]])(
    'in a restart %s when its supervisor is asked to end, and its siblings get their terminate', async (_what, shutdown, tookMs) => {
      const { system, record, root } = await hanging({ shutdown });

      const stopped = root.stop('shutdown');
      await system.advance(tookMs);
      await stopped;

      expect(record.ends).toEqual(['after', 'before']);
      expect(system.processCount).toBe(0);
    });

  it('deep in a tree does not keep its root from ending', async () => {
    const system = new VirtualSystem();
    const inner = Supervisor.childSpec({ strategy: 'one_for_one', children: [worker({ inits: [], ends: [] }, 'stuck', { hangsAt: 0, shutdown: 100 })] });
    const started = system.start(Supervisor.childSpec({ strategy: 'one_for_one', children: [inner] }, { id: 'root' }));
    const refused = expect(started).rejects.toMatchObject({ code: 'child.start_failed' });
    await system.settle();

    const stopped = system.address('root').stop('shutdown');
    await system.advance(100);

    await refused;
    await stopped;
    expect(system.processCount).toBe(0);
  });

  it('fails its start after startTimeoutMs, and its supervisor goes on', async () => {
    const { system, record } = await hanging({ startTimeoutMs: 1_000 });
    system.address('root/after').exit('kill');

    await system.advance(999);
    expect(record.inits).toEqual(['before', 'stuck', 'after', 'stuck']);
    await system.advance(1);

    expect(record.inits.slice(4)).toEqual(['after', 'stuck']);
    expect(system.reports.map(({ kind, reason }) => [kind, (reason as { error?: { code?: string } }).error?.code])).toContainEqual(['start_failed', 'child.start_timeout']);
  });

  it('has a minute by default', async () => {
    const { system } = await hanging({});

    await system.advance(60_000);

    expect(system.reports.map(({ kind }) => kind)).toContain('start_failed');
  });
});

describe('the end of a process', () => {
  it('is reported once if terminate throws in an orderly stop', async () => {
    const system = new VirtualSystem();
    const Bad = genServer<Record<never, never>, number>({ name: 'Bad', init: () => ok(1), terminate: () => { throw new Error('in terminate'); } });
    const bad = await system.start(Bad.childSpec(undefined));

    await bad.stop();

    expect(system.crashes.map(({ reason, state }) => [(reason as { error: Error }).error.message, state])).toEqual([['in terminate', 1]]);
  });

  it('keeps one watcher for all waiting callers, and none for callers that gave up', async () => {
    const system = new VirtualSystem();
    const ref = await system.start(worker({ inits: [], ends: [] }, 'w', {}));
    const watchers = (): number => (ref as Unchecked).watchers?.size ?? 0;
    const giveUp = new AbortController();
    const gaveUp = ref.whenDown({ signal: giveUp.signal }).catch((error: Error) => error.name);

    const waiting = Array.from({ length: 1_000 }, () => ref.whenDown());
    expect(watchers()).toBe(2);
    giveUp.abort();
    expect(watchers()).toBe(1);
    ref.exit('kill');

    expect([await gaveUp, new Set(await Promise.all(waiting))]).toEqual(['AbortError', new Set(['killed'])]);
  });

  it('can be requested by address, which rejects if no process lives there', async () => {
    const system = new VirtualSystem();
    await system.start(worker({ inits: [], ends: [] }, 'w', {}));

    await system.address('w').stop();

    expect(system.processCount).toBe(0);
    await expect(system.address('w').stop()).rejects.toMatchObject({ code: 'process.noproc' });
    expect(system.address('w').exit('kill')).toBeUndefined();
  });

  it('ends 30,000 children as well', async () => {
    const system = new System(systemRuntime);
    const supervisor = await system.start(DynamicSupervisor.childSpec());
    for (let child = 0; child < 30_000; child += 1) await DynamicSupervisor.startChild(supervisor, worker({ inits: [], ends: [] }, 'w', {}));

    supervisor.exit('kill');

    expect(system.processCount).toBe(0);
  });
});

describe('the state of a process', () => {
  it('is the one after the present mailbox, and reading it costs no turn', async () => {
    const system = new VirtualSystem();
    interface P { call: { slow(): void }; cast: { add(by: number): void } }
    const Counter = genServer<P, number>({
      name: 'Counter', init: () => ok(1),
      handleCall: { slow: async (count, _r, _f, ctx) => { await new Promise<void>((go) => ctx.runtime.timers.after(10, go)); return reply(undefined, count); } },
      handleCast: { add: (count, by) => noReply(count + by) },
    });
    const counter = await system.start(Counter.childSpec(undefined));
    expect(await counter.getState()).toBe(1);
    void counter.call('slow');
    counter.cast('add', 2);

    const state = counter.getState();
    counter.cast('add', 4);
    await system.advance(10);

    expect(await state).toBe(3);
    counter.exit('kill');
    await expect(counter.getState()).rejects.toMatchObject({ code: 'process.noproc' });
  });
});

describe('bookkeeping of bounded size', () => {
  it('restart intensity counts over a sliding window, for any times', () => {
    const times = fc.array(fc.nat(3_000), { maxLength: 60 });
    fc.assert(fc.property(times, fc.nat(6), fc.integer({ min: 1, max: 4 }), (gaps, maxRestarts, maxSeconds) => {
      const intensity = new RestartIntensity({ maxRestarts, maxSeconds });
      const before: number[] = [];
      let nowMs = 0;
      for (const gap of gaps) {
        nowMs += gap;
        before.push(nowMs);
        const recent = before.filter((timeMs) => nowMs - timeMs <= maxSeconds * 1_000);
        expect(intensity.allows(nowMs)).toBe(recent.length <= maxRestarts);
      }
    }));
  });

  it('drop_oldest drops the oldest cast after any sequence of messages', () => {
    const step = fc.constantFrom('call', 'cast', 'continue', 'shift', 'drop');
    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const mailbox = new Mailbox({ messagesMax: Infinity, bytesMax: Infinity, overflow: 'drop_oldest' });
      const model: Envelope[] = [];
      for (const each of steps) {
        const envelope = new Envelope(each === 'cast' ? CAST : CALL, undefined, undefined, 0);
        if (each === 'call' || each === 'cast') {
          model.push(envelope);
          mailbox.push(envelope);
        } else if (each === 'continue') {
          model.unshift(envelope);
          mailbox.unshift(envelope);
        } else if (each === 'shift') {
          expect(mailbox.shift()).toBe(model.shift());
        } else {
          const oldest = model.find(({ kind }) => kind === CAST);
          if (oldest) model.splice(model.indexOf(oldest), 1);
          expect(mailbox.dropOldest()).toBe(oldest);
        }
        expect(mailbox.depth).toBe(model.length);
      }
      expect([...mailbox.drain()]).toEqual(model);
    }));
  });

  it('senders that ask for room one after another share one place', async () => {
    const mailbox = new Mailbox({ messagesMax: 1, bytesMax: Infinity, overflow: 'block' });
    mailbox.push(new Envelope(CAST, undefined, 1, 0));

    const waiting = Array.from({ length: 1_000 }, () => mailbox.room());

    expect((mailbox as Unchecked).waiting).toHaveLength(1);
    mailbox.shift();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([true]));
    expect(await mailbox.room()).toBe(true);
  });
});

/** Between two others, a worker whose second init never ends. */
async function hanging(options: Partial<ChildSpec>) {
  const system = new VirtualSystem();
  const record: EndsRecord = { inits: [], ends: [] };
  const children = [worker(record, 'before', {}), worker(record, 'stuck', { hangsAt: 1, ...options }), worker(record, 'after', {})];
  const root: Ref = await system.start(Supervisor.childSpec({ strategy: 'one_for_one', children }, { id: 'root' }));
  system.address('root/stuck').exit('kill');
  await system.settle();
  return { system, record, root };
}

function worker(record: EndsRecord, id: string, { hangsAt = Infinity, ...options }: Partial<ChildSpec> & { hangsAt?: number }): ChildSpec {
  const Worker = genServer<Record<never, never>, undefined>({
    name: 'Worker', trapExit: id !== 'w',
    init: () => {
      record.inits.push(id);
      return record.inits.filter((other) => other === id).length > hangsAt ? new Promise<never>(() => undefined) : ok(undefined);
    },
    terminate: () => void record.ends.push(id),
  });
  return Worker.childSpec(undefined, { id, ...options });
}
