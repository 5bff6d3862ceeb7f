import { noReply, ok, reply } from '../process/outcome.ts';
import { genServer } from '../server/gen-server.ts';
import { Probe, VirtualSystem } from '../testing/index.ts';
import type { MailboxBound } from './mailbox.ts';
import type { Ref } from './ref.ts';

describe('a bounded mailbox', () => {
  let system: VirtualSystem;
  let log: string[];
  let open: () => void;
  beforeEach(() => {
    system = new VirtualSystem();
    log = [];
  });

  it('rejects a message by default when it is full, and tells the sender', async () => {
    const gate = await startGate({ messagesMax: 2 });

    const admitted = ['a', 'b', 'c'].map((name) => gate.cast('note', name));
    await expect(gate.call('ask')).rejects.toMatchObject({ kind: 'throttled', code: 'mailbox.full' });
    open();
    await system.settle();

    expect(admitted).toEqual([true, true, false]);
    expect(log).toEqual(['a', 'b']);
    expect(system.letters).toMatchObject([
      { cause: 'mailbox_full', kind: 'cast', payload: 'c' },
      { cause: 'mailbox_full', kind: 'call', name: 'ask' },
    ]);
  });

  it('counts waiting messages, not the one being handled', async () => {
    const gate = await startGate({ messagesMax: 1 });

    expect(gate.cast('note', 'a')).toBe(true);
    expect(system.observe()).toMatchObject([{ status: 'busy', mailboxDepth: 1 }]);
  });

  it('drops the oldest cast for a newer one, and never a call', async () => {
    const gate = await startGate({ messagesMax: 3, overflow: 'drop_oldest' });

    const answer = gate.call('ask');
    for (const name of ['a', 'b', 'c', 'd']) gate.cast('note', name);
    await expect(gate.call('ask')).rejects.toMatchObject({ code: 'mailbox.full' });
    open();

    expect(await answer).toBe('answer');
    await system.settle();
    expect(log).toEqual(['c', 'd']);
    expect(system.deadLetters.counts()).toMatchObject({ dropped: 2, mailbox_full: 1 });
  });

  it('rejects a cast when there is no cast to drop', async () => {
    const gate = await startGate({ messagesMax: 1, overflow: 'drop_oldest' });
    const answer = gate.call('ask');

    expect(gate.cast('note', 'a')).toBe(false);
    open();
    await answer;
  });

  it('lets casts wait for room, in order, up to its own bound', async () => {
    const gate = await startGate({ messagesMax: 2, overflow: 'block' });

    const admitted = ['a', 'b', 'c', 'd', 'e'].map((name) => gate.cast('note', name));
    open();
    await system.settle();

    expect(admitted).toEqual([true, true, true, true, false]);
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  it('tells a waiting sender when it has room', async () => {
    const gate = await startGate({ messagesMax: 1, overflow: 'block' });
    expect(await gate.room()).toBe(true);
    gate.cast('note', 'a');
    gate.cast('note', 'b');

    const room = gate.room().then(() => log.push('room'));
    await system.settle();
    expect(log).toEqual([]);
    open();
    await room;

    expect(log).toEqual(['a', 'b', 'room']);
  });

  it('keeps a sender at the pace of the server', async () => {
    const gate = await startGate({ messagesMax: 2, overflow: 'block' });
    const deepest: number[] = [];
    const sender = (async () => {
      for (let index = 0; index < 100; index += 1) {
        gate.cast('note', String(index));
        deepest.push(system.observe()[0]!.mailboxDepth);
        await gate.room();
      }
    })();

    open();
    await system.settle();
    await sender;

    expect(log).toEqual(Array.from({ length: 100 }, (_, index) => String(index)));
    expect(Math.max(...deepest)).toBeLessThanOrEqual(2);
  });

  it('tells waiting senders when the server ends', async () => {
    const gate = await startGate({ messagesMax: 1, overflow: 'block' });
    gate.cast('note', 'a');
    gate.cast('note', 'b');
    const room = gate.room();

    gate.exit('shutdown');

    expect(await room).toBe(false);
    expect(await gate.room()).toBe(false);
    expect(system.deadLetters.counts().exited).toBe(2);
  });

  it.each<[MailboxBound['overflow'], boolean[], string[]]>([
    ['reject', [true, true, false], ['60', '40']],
    ['drop_oldest', [true, true, true], ['40', '50']],
    ['block', [true, true, true], ['60', '40', '50']],
  ])('is also bounded by bytes, if senders give them (%s)', async (overflow, admitted, handled) => {
    const gate = await startGate({ bytesMax: 100, overflow: overflow! });

    const all = [60, 40, 50].map((bytes) => gate.cast('note', String(bytes), { bytes }));
    open();
    await system.settle();

    expect(all).toEqual(admitted);
    expect(log).toEqual(handled);
  });

  it.each(['reject', 'drop_oldest', 'block'] as const)(
    'refuses a message that is larger than it could ever hold (%s)',
    async (overflow) => {
      const gate = await startGate({ bytesMax: 100, overflow });

      expect(gate.cast('note', 'large', { bytes: 101 })).toBe(false);
    },
  );

  it('accepts exit signals, Down messages and the server’s own timers regardless of its bound', async () => {
    const gate = await startGate({ messagesMax: 1 }, { trapExit: true });
    const probe = await Probe.start(system);
    gate.cast('note', 'a');

    gate.exit('shutdown');
    probe.ref.exit('kill');
    await system.advance(10);
    open();
    await system.settle();

    expect(log).toEqual(['a', 'exit', 'tick']);
  });

  /** A server in the middle of a turn that lasts until `open` is called. */
  async function startGate(mailbox: MailboxBound, { trapExit = false } = {}): Promise<Ref<GateProtocol>> {
    const Gate = genServer<GateProtocol, null>({
      name: 'Gate',
      mailbox,
      trapExit,
      init: () => ok(null, { continue: 'wait' }),
      handleContinue: async (_, __, ctx) => {
        ctx.sendAfter(10, 'tick');
        await new Promise<void>((resolve) => (open = resolve));
        return noReply(null);
      },
      handleCall: { ask: () => reply('answer', null) },
      handleCast: {
        note: (_, name) => {
          log.push(name);
          return noReply(null);
        },
      },
      handleInfo: (_, message) => {
        log.push(typeof message === 'string' ? message : message.type);
        return noReply(null);
      },
    });
    const gate = await system.start(Gate.childSpec(undefined));
    await system.settle();
    return gate;
  }
});

interface GateProtocol {
  call: { ask(): string };
  cast: { note(name: string): void };
  info: 'tick';
  continue: 'wait';
}
