import { VirtualRuntime } from '@aisle/std/testing';
import { noReply, ok, reply } from '../process/outcome.ts';
import { genServer } from '../server/gen-server.ts';
import { VirtualSystem } from '../testing/index.ts';
import { System } from '../system.ts';

describe('DeadLetters', () => {
  let system: VirtualSystem;
  let log: string[];
  beforeEach(() => {
    system = new VirtualSystem();
    log = [];
  });

  it('keep messages to dead processes, and those that waited when a server ended', async () => {
    const notes = await system.start(Notes.childSpec(log));
    notes.cast('note', 'waiting');
    notes.exit('kill');

    notes.cast('note', 'late');
    notes.send('info');
    await notes.call('count').catch(() => undefined);

    expect(system.deadLetters.list()).toMatchObject([
      { cause: 'exited', kind: 'cast', payload: 'waiting', atMs: Date.UTC(2026, 0, 1) },
      { cause: 'noproc', kind: 'cast', payload: 'late' },
      { cause: 'noproc', kind: 'info', payload: 'info' },
      { cause: 'noproc', kind: 'call', name: 'count' },
    ]);
    expect(system.deadLetters.counts()).toMatchObject({ exited: 1, noproc: 3, mailbox_full: 0 });
    expect(system.letters).toEqual(system.deadLetters.list());
  });

  it('forget the oldest at their bound, but count them', async () => {
    const bounded = new System(new VirtualRuntime(), { deadLettersMax: 2 });
    const notes = await bounded.start(Notes.childSpec(log));
    notes.exit('kill');

    for (const text of ['a', 'b', 'c']) notes.cast('note', text);

    expect(bounded.deadLetters.list().map(({ payload }) => payload)).toEqual(['b', 'c']);
    expect(bounded.deadLetters.counts().noproc).toBe(3);
  });

  it('are counted even if none are kept', async () => {
    const bounded = new System(new VirtualRuntime(), { deadLettersMax: 0 });
    const notes = await bounded.start(Notes.childSpec(log));
    notes.exit('kill');

    notes.cast('note', 'a');

    expect(bounded.deadLetters.list()).toEqual([]);
    expect(bounded.deadLetters.counts().noproc).toBe(1);
  });

  it('are sent again to another process, once, in their order', async () => {
    const dead = await system.start(Notes.childSpec([]));
    dead.exit('kill');
    for (const text of ['a', 'b', 'c']) dead.cast('note', text);
    const heir = await system.start(Notes.childSpec(log));

    const sent = system.deadLetters.replay(({ payload }) => payload !== 'b', heir);
    await system.settle();

    expect(sent).toBe(2);
    expect(log).toEqual(['a', 'c']);
    expect(system.deadLetters.list()).toMatchObject([{ payload: 'b' }]);
  });

  it('are sent again to their first address, and come back if it is still dead', async () => {
    const dead = await system.start(Notes.childSpec(log));
    dead.exit('kill');
    dead.cast('note', 'a');
    dead.send('b');
    await dead.call('count').catch(() => undefined);

    expect(system.deadLetters.replay()).toBe(3);
    await system.settle();

    expect(system.deadLetters.list()).toHaveLength(3);
    expect(system.deadLetters.counts().noproc).toBe(6);
  });

  it('go on in a full ring after some were sent again', async () => {
    const bounded = new System(new VirtualRuntime(), { deadLettersMax: 3 });
    const dead = await bounded.start(Notes.childSpec([]));
    const heir = await bounded.start(Notes.childSpec(log));
    dead.exit('kill');
    for (const text of ['a', 'b', 'c', 'd']) dead.cast('note', text);

    bounded.deadLetters.replay(({ payload }) => payload === 'c', heir);
    for (const text of ['e', 'f']) dead.cast('note', text);

    expect(bounded.deadLetters.list().map(({ payload }) => payload)).toEqual(['d', 'e', 'f']);
  });

  it('do not replay late replies', async () => {
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
    const twice = await system.start(Twice.childSpec(undefined));
    await twice.call('ask');

    expect(system.deadLetters.replay()).toBe(0);
    expect(system.deadLetters.list()).toMatchObject([{ cause: 'late_reply' }]);
  });
});

const Notes = genServer<
  { call: { count(): number }; cast: { note(text: string): void }; info: string },
  string[],
  string[]
>({
  name: 'Notes',
  init: (log) => ok(log),
  handleCall: { count: (log) => reply(log.length, log) },
  handleCast: {
    note: (log, text) => {
      log.push(text);
      return noReply(log);
    },
  },
});
