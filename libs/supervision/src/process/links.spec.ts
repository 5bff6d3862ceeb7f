import { describeExit, type ExitReason, type ExitSignal } from '../exit-reason.ts';
import { StartFailed } from '../failures.ts';
import { genServer } from '../server/gen-server.ts';
import { Probe, VirtualSystem } from '../testing/index.ts';
import { noReply, ok, stop } from './outcome.ts';
import type { Ref } from '../message/ref.ts';

const bug = { error: new Error('bug') };

describe('an exit signal', () => {
  let system: VirtualSystem;
  beforeEach(() => {
    system = new VirtualSystem();
  });

  // The table of erlang:exit/2: the effect of a signal on a process that traps exits, and on one that does not.
  it.each<[ExitSignal, ExitReason | 'lives', ExitReason | { message: ExitReason }]>([
    ['normal', 'lives', { message: 'normal' }],
    ['shutdown', 'shutdown', { message: 'shutdown' }],
    [{ shutdown: 'moved' }, { shutdown: 'moved' }, { message: { shutdown: 'moved' } }],
    [bug, bug, { message: bug }],
    ['killed', 'killed', { message: 'killed' }],
    ['kill', 'killed', 'killed'],
  ])('%j', async (signal, untrapped, trapped) => {
    const plain = await system.start(Plain.childSpec(undefined));
    const trapping = await Probe.start(system);

    plain.exit(signal);
    trapping.ref.exit(signal);
    await system.settle();

    expect(plain.alive ? 'lives' : await plain.whenDown()).toEqual(untrapped);
    if (typeof trapped === 'object' && 'message' in trapped) {
      expect(trapping.received).toEqual([{ type: 'exit', from: undefined, reason: trapped.message }]);
    }
  });

  it('changes nothing for a process that is dead already', async () => {
    const plain = await system.start(Plain.childSpec(undefined));
    plain.exit('shutdown');

    plain.exit(bug);

    expect(await plain.whenDown()).toBe('shutdown');
  });
});

describe('a link', () => {
  let system: VirtualSystem;
  beforeEach(() => {
    system = new VirtualSystem();
  });

  it.each<[ExitReason, boolean]>([
    ['normal', true],
    ['shutdown', false],
    [{ shutdown: 'moved' }, false],
    [bug, false],
    ['killed', false],
  ])('passes on the end of the other: after %j the survivor lives: %s', async (reason, lives) => {
    const one = await system.start(Plain.childSpec(undefined));
    const other = await system.start(Plain.childSpec(one));

    await other.stop(reason);

    expect(one.alive).toBe(lives);
    if (!lives) expect(await one.whenDown()).toEqual(reason);
  });

  it('goes both ways', async () => {
    const one = await system.start(Plain.childSpec(undefined));
    const other = await system.start(Plain.childSpec(one));

    one.exit('shutdown');

    expect(other.alive).toBe(false);
  });

  it('becomes a message for a process that traps exits', async () => {
    const probe = await Probe.start(system);
    const plain = await system.start(Plain.childSpec(probe.ref));

    plain.exit('kill');
    await system.settle();

    expect(probe.received).toEqual([{ type: 'exit', from: plain, reason: 'killed' }]);
  });

  it('to a process that is dead says noproc', async () => {
    const probe = await Probe.start(system);
    const dead = await system.start(Plain.childSpec(undefined));
    dead.exit('kill');

    probe.link(dead);
    await system.settle();

    expect(probe.received).toEqual([{ type: 'exit', from: dead, reason: 'noproc' }]);
  });

  it('can be undone', async () => {
    const one = await system.start(Plain.childSpec(undefined));
    const other = await system.start(Plain.childSpec(one));

    other.send('unlink');
    await system.settle();
    one.exit('shutdown');

    expect(other.alive).toBe(true);
  });

  it('ends a chain longer than the stack is deep', async () => {
    let last: Ref | undefined;
    for (let index = 0; index < 20_000; index += 1) last = await system.start(Plain.childSpec(last));

    last!.exit('shutdown');

    expect(system.processCount).toBe(0);
  });

  it('between parent and child is there from the start', async () => {
    const parent = await system.start(Parent.childSpec(undefined));
    const [child] = system.observe()[0]!.children;

    [...system.processes].find(({ pid }) => pid === child!.pid)!.exit(bug);

    expect(await parent.whenDown()).toEqual(bug);
  });

  it('from a parent ends a trapping child through its terminate', async () => {
    const parent = await system.start(Parent.childSpec('trapping'));

    parent.exit('shutdown');
    await system.settle();

    expect(system.processCount).toBe(0);
    expect(terminated).toEqual(['shutdown']);
  });

  it('lets a parent end its trapping child by ctx.exit, also after an await', async () => {
    terminated.splice(0);
    const parent = await system.start(Parent.childSpec('trapping'));

    parent.send('end your child');
    await system.settle();

    expect(terminated).toEqual(['shutdown']);
    expect(parent.alive).toBe(false);
  });

  it('from a parent that ends normally leaves a child that does not trap exits an orphan', async () => {
    const parent = await system.start(Parent.childSpec(undefined));

    await parent.stop();

    expect(system.observe()).toMatchObject([{ id: 'Plain', status: 'idle' }]);
  });
});

describe('a monitor', () => {
  let system: VirtualSystem;
  let probe: Probe;
  beforeEach(async () => {
    system = new VirtualSystem();
    probe = await Probe.start(system);
  });

  it.each<ExitReason>(['normal', 'shutdown', { shutdown: 1 }, bug, 'killed'])(
    'sends one Down message with the reason %j, and the watcher lives',
    async (reason) => {
      const plain = await system.start(Plain.childSpec(undefined));
      probe.monitor(plain);

      await plain.stop(reason);
      await system.settle();

      expect(probe.received).toMatchObject([{ type: 'down', ref: plain, reason }]);
      expect(probe.ref.alive).toBe(true);
    },
  );

  it('on a dead process says noproc', async () => {
    const plain = await system.start(Plain.childSpec(undefined));
    plain.exit('kill');

    probe.monitor(plain);
    await system.settle();

    expect(probe.received).toMatchObject([{ type: 'down', ref: plain, reason: 'noproc' }]);
  });

  it('counts each time: two monitors, two messages', async () => {
    const plain = await system.start(Plain.childSpec(undefined));
    probe.monitor(plain);
    probe.monitor(plain);

    plain.exit('kill');
    await system.settle();

    expect(probe.received).toHaveLength(2);
  });

  it('is silent once cancelled', async () => {
    const plain = await system.start(Plain.childSpec(undefined));

    probe.monitor(plain).cancel();
    plain.exit('kill');
    await system.settle();

    expect(probe.received).toEqual([]);
  });

  it('does not outlive its owner', async () => {
    const plain = await system.start(Plain.childSpec(undefined));
    probe.monitor(plain);

    probe.ref.exit('kill');
    await plain.stop();

    expect(system.letters).toEqual([]);
  });
});

describe('describeExit', () => {
  it.each<[ExitReason, string]>([
    ['normal', 'normal'],
    [{ shutdown: 'moved' }, 'shutdown: moved'],
    [bug, 'error: bug'],
    [{ error: 42 }, 'error: unnamed'],
    [
      { shutdown: new StartFailed('prices', bug) },
      'shutdown: the process did not start {"id":"prices","reason":"error: bug"}',
    ],
  ])('%j', (reason, line) => {
    expect(describeExit(reason)).toBe(line);
  });
});

const Plain = genServer<{ info: 'unlink' }, Ref | undefined, Ref | undefined>({
  name: 'Plain',
  init: (to, ctx) => {
    if (to) ctx.link(to);
    return ok(to);
  },
  handleInfo: (to, message, ctx) => {
    if (message === 'unlink') ctx.unlink(to!);
    return noReply(to);
  },
});

const terminated: ExitReason[] = [];

const Trapping = genServer<object, null>({
  name: 'Trapping',
  trapExit: true,
  init: () => ok(null),
  handleInfo: () => stop('normal'),
  terminate: async (reason) => {
    await Promise.resolve();
    terminated.push(reason);
  },
});

const Parent = genServer<{ info: 'end your child' }, Ref, 'trapping' | undefined>({
  name: 'Parent',
  init: async (kind, ctx) =>
    ok(await ctx.startLink((kind === 'trapping' ? Trapping : Plain).childSpec(undefined))),
  handleInfo: async (child, _message, ctx) => {
    await Promise.resolve();
    ctx.exit(child, 'shutdown');
    return noReply(child);
  },
});
