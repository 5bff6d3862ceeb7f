import type { ExitReason } from '../exit-reason.ts';
import type { Ref } from '../message/ref.ts';
import { noReply, ok, stop, stopReply } from '../process/outcome.ts';
import { crash, VirtualSystem } from '../testing/index.ts';
import { genServer } from './gen-server.ts';

describe('terminate', () => {
  let system: VirtualSystem;
  beforeEach(() => {
    system = new VirtualSystem();
  });
  const log: { reason: ExitReason; state: number }[] = [];
  beforeEach(() => log.splice(0));
  interface LoggingProtocol {
    call: { finish(): string };
    cast: { quit(): void; add(): void };
  }
  const callbacks = {
    init: () => ok(1),
    handleCall: { finish: (n: number) => stopReply('normal', 'bye', n + 1) },
    handleCast: { quit: () => stop('normal'), add: (n: number) => noReply(n + 1) },
    terminate: (reason: ExitReason, state: number) => void log.push({ reason, state }),
  };
  const Logging = genServer<LoggingProtocol, number>({ name: 'Logging', ...callbacks });
  const Trapping = genServer<LoggingProtocol, number>({ name: 'Trapping', trapExit: true, ...callbacks });
  const bug = new Error('bug');

  it.each<[string, (ref: Ref<LoggingProtocol>) => unknown, unknown]>([
    ['stop', (ref) => ref.cast('quit'), [{ reason: 'normal', state: 1 }]],
    ['stopReply', (ref) => ref.call('finish'), [{ reason: 'normal', state: 2 }]],
    ['ref.stop', (ref) => ref.stop('shutdown'), [{ reason: 'shutdown', state: 1 }]],
    ['a crash', (ref) => crash(ref, bug), [{ reason: { error: bug }, state: 1 }]],
    ['an exit signal', (ref) => ref.exit('shutdown'), []],
    ['a kill', (ref) => ref.exit('kill'), []],
  ])('by %s of a server that does not trap exits', async (_, end, expected) => {
    const ref = await system.start(Logging.childSpec(undefined));

    end(ref);
    await ref.whenDown();

    expect(log).toEqual(expected);
  });

  it('answers the caller before it ends', async () => {
    const ref = await system.start(Logging.childSpec(undefined));

    expect(await ref.call('finish')).toBe('bye');
    expect(await ref.whenDown()).toBe('normal');
  });

  it('handles messages that came before the stop first', async () => {
    const ref = await system.start(Trapping.childSpec(undefined));
    ref.cast('add');
    ref.cast('add');

    await ref.stop();

    expect(log).toEqual([{ reason: 'normal', state: 3 }]);
  });

  it('gives its own error as the reason when it throws', async () => {
    const Failing = genServer<object, null>({
      name: 'Failing',
      init: () => ok(null),
      terminate: async () => {
        throw bug;
      },
    });
    const ref = await system.start(Failing.childSpec(undefined));

    await ref.stop();

    expect(await ref.whenDown()).toEqual({ error: bug });
  });

  it('may take longer than the time limit of the stop', async () => {
    const Hanging = genServer<object, null>({
      name: 'Hanging',
      init: () => ok(null),
      terminate: () => new Promise(() => undefined),
    });
    const ref = await system.start(Hanging.childSpec(undefined));
    const stopped = expect(ref.stop('normal', 50)).rejects.toMatchObject({ code: 'call.timeout' });

    await system.advance(50);

    await stopped;
    expect(ref.alive).toBe(true);
    ref.exit('kill');
    expect(ref.alive).toBe(false);
  });
});
