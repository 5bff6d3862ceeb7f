import {
  DynamicSupervisor, Supervisor, genServer, noReply, ok, reply, type ChildOptions, type Ref,
} from '@aisle/supervision';
import { VirtualSystem } from '@aisle/supervision/testing';
import { AlreadyRegistered } from './failures.ts';
import { Registry, type RegistryEvent } from './registry.ts';
import { via } from './via.ts';

describe('a registry with unique keys', () => {
  let system: VirtualSystem;
  let registry: Registry<RoomProtocol, number>;
  beforeEach(() => {
    system = new VirtualSystem();
    registry = new Registry(system, { keys: 'unique' });
  });

  it('finds the process under a key', async () => {
    const room = await start('kitchen');

    registry.register(room, 'kitchen', 21);

    expect(registry.whereis('kitchen')).toBe(room);
    expect(registry.lookup('kitchen')).toMatchObject([{ key: 'kitchen', ref: room, value: 21 }]);
    expect(registry.whereis('cellar')).toBeUndefined();
    expect(registry.lookup('cellar')).toEqual([]);
  });

  it('gives a key to one process only, and says who has it', async () => {
    const [one, other] = [await start('one'), await start('other')];
    registry.register(one, 'kitchen', 21);

    expect(() => registry.register(other, 'kitchen', 22)).toThrow(AlreadyRegistered);
    expect(() => registry.register(other, 'kitchen', 22)).toThrow(
      expect.objectContaining({ kind: 'conflict', ref: one }),
    );
    expect(registry.lookup('kitchen')).toMatchObject([{ value: 21 }]);
  });

  it('lets a process have several keys, and lists them', async () => {
    const room = await start('kitchen');
    registry.register(room, 'kitchen', 21);
    registry.register(room, 'north', 21);

    expect(registry.keys(room)).toEqual(['kitchen', 'north']);
    expect(registry.count).toBe(2);
  });

  it('loses an entry with its process, in the same instant', async () => {
    const room = await start('kitchen');
    registry.register(room, 'kitchen', 21);

    room.exit('kill');

    expect(registry.whereis('kitchen')).toBeUndefined();
    expect(registry.count).toBe(0);
  });

  it('refuses a process that has ended', async () => {
    const room = await start('kitchen');
    room.exit('kill');

    expect(() => registry.register(room, 'kitchen', 21)).toThrow('no process at this address');
  });

  it('lets go of a key on request, and only for its owner', async () => {
    const [one, other] = [await start('one'), await start('other')];
    registry.register(one, 'kitchen', 21);

    registry.unregister(other, 'kitchen');
    expect(registry.count).toBe(1);
    registry.unregister(one, 'kitchen');
    registry.unregister(one, 'kitchen');

    expect(registry.count).toBe(0);
    registry.register(other, 'kitchen', 22);
    one.exit('kill');
    expect(registry.whereis('kitchen')).toBe(other);
  });

  it('keeps a value with each entry, which can change', async () => {
    const [one, other] = [await start('one'), await start('other')];
    registry.register(one, 'kitchen', 21);

    expect(registry.updateValue(one, 'kitchen', (degrees) => degrees + 1)).toBe(true);
    expect(registry.updateValue(other, 'kitchen', () => 0)).toBe(false);

    expect(registry.lookup('kitchen')).toMatchObject([{ value: 22 }]);
  });

  it('keeps facts about itself', () => {
    registry.putMeta('owner', 'housekeeping');

    expect(registry.meta('owner')).toBe('housekeeping');
    expect(registry.meta('other')).toBeUndefined();
  });

  it('tells its listeners of every entry that comes or goes', async () => {
    const events: RegistryEvent[] = [];
    const watched = new Registry(system, {
      keys: 'unique',
      listeners: [
        (event) => events.push(event),
        () => {
          throw new Error('broken listener');
        },
      ],
    });
    const room = await start('kitchen');

    watched.register(room, 'kitchen', 21);
    room.exit('kill');

    expect(events).toEqual([
      { type: 'register', key: 'kitchen', ref: room, value: 21 },
      { type: 'unregister', key: 'kitchen', ref: room, value: 21 },
    ]);
    await expect(system.settle()).rejects.toThrow('broken listener');
  });

  it('behaves the same when spread over partitions', async () => {
    const spread = new Registry<RoomProtocol, number>(system, { keys: 'unique', partitions: 4 });
    const rooms = await Promise.all(Array.from({ length: 50 }, (_, index) => start(`room ${index}`)));

    rooms.forEach((room, index) => spread.register(room, `room ${index}`, index));

    expect(spread.count).toBe(50);
    expect(rooms.map((_, index) => spread.whereis(`room ${index}`))).toEqual(rooms);
    expect([...spread.entries()].map(({ value }) => value).sort((a, b) => a - b)).toEqual(
      rooms.map((_, index) => index),
    );
  });

  describe('via', () => {
    it('is an address: a message goes to the process that has the name when it is sent', async () => {
      const kitchen = via(registry, 'kitchen', 21);
      registry.register(await start('first'), 'kitchen', 21);

      expect(await kitchen.call('name')).toBe('first');
      registry.whereis('kitchen')!.exit('kill');
      registry.register(await start('second'), 'kitchen', 21);

      expect(await kitchen.call('name')).toBe('second');
    });

    it('is a name to start under, which the process has before its init', async () => {
      const found: unknown[] = [];
      const Curious = genServer<Pick<RoomProtocol, 'call'>, string>({
        name: 'Curious',
        init: () => {
          found.push(registry.whereis('kitchen'));
          return ok('curious');
        },
        handleCall: { name: (name) => reply(name, name) },
      });

      const ref = await system.start(Curious.childSpec(undefined, { name: via(registry, 'kitchen', 21) }));

      expect(found).toEqual([ref]);
    });

    it('refuses the second start under a name, and says who has it', async () => {
      const name = via(registry, 'kitchen', 21);
      const first = await start('first', { name });

      await expect(start('second', { name })).rejects.toMatchObject({
        code: 'registry.already_registered',
        ref: first,
      });
      expect(system.processCount).toBe(1);
    });

    it('is free again for the child that its supervisor restarts', async () => {
      const name = via(registry, 'kitchen', 21);
      const root = await system.start(
        Supervisor.childSpec({ strategy: 'one_for_one', children: [Room.childSpec('kitchen', { name })] }),
      );
      const before = registry.whereis('kitchen')!;

      before.exit('kill');
      await system.settle();

      expect(root.alive).toBe(true);
      expect(registry.whereis('kitchen')).not.toBe(before);
      expect(await name.call('name')).toBe('kitchen');
    });

    it('is an address for supervisors and monitors too', async () => {
      const supervisors = new Registry(system, { keys: 'unique' });
      const name = via(supervisors, 'rooms');
      await system.start(DynamicSupervisor.childSpec({}, { name }));

      const room = await DynamicSupervisor.startChild(name, Room.childSpec('kitchen'));

      expect(await room.call('name')).toBe('kitchen');
    });

    it('leads nowhere for a free name: calls fail, and messages go to the dead letters', async () => {
      const nobody = via(registry, 'cellar', 0);

      expect(nobody.cast('knock')).toBe(false);
      await expect(nobody.call('name')).rejects.toMatchObject({
        kind: 'unavailable',
        details: { server: 'cellar' },
      });
      expect(await nobody.room()).toBe(false);
      expect(system.letters).toMatchObject([{ kind: 'cast', name: 'knock', cause: 'noproc' }]);
    });
  });

  function start(name: string, options?: ChildOptions): Promise<Ref<RoomProtocol>> {
    return system.start(Room.childSpec(name, options));
  }
});

describe('a registry with duplicate keys', () => {
  let system: VirtualSystem;
  let topics: Registry<RoomProtocol, string>;
  beforeEach(() => {
    system = new VirtualSystem();
    topics = new Registry(system, { keys: 'duplicate', partitions: 2 });
  });

  it('holds any number of processes under a key, in the order in which they came', async () => {
    const [one, other] = [await start('one'), await start('other')];

    topics.register(one, 'heating', 'first');
    topics.register(other, 'heating', 'second');
    topics.register(one, 'heating', 'again');

    expect(topics.lookup('heating').map(({ ref, value }) => [ref, value])).toEqual([
      [one, 'first'],
      [other, 'second'],
      [one, 'again'],
    ]);
    expect(topics.whereis('heating')).toBeUndefined();
  });

  it('dispatches a message to all of them, and does nothing for a key without any', async () => {
    knocked.splice(0);
    topics.register(await start('one'), 'doors', '');
    topics.register(await start('other'), 'doors', '');
    const knock = (key: string): void =>
      topics.dispatch(key, (entries) => entries.forEach(({ ref }) => ref.cast('knock')));

    knock('doors');
    knock('windows');
    await system.settle();

    expect(knocked).toEqual(['one', 'other']);
  });

  it('loses the entries of a process that ends, and keeps the others', async () => {
    const [one, other] = [await start('one'), await start('other')];
    for (const room of [one, other]) {
      topics.register(room, 'heating', '');
      topics.register(room, 'light', '');
    }

    one.exit('kill');

    expect(topics.keys(other)).toHaveLength(2);
    expect(topics.keys(one)).toEqual([]);
    topics.unregister(other, 'heating');
    expect(topics.lookup('heating')).toEqual([]);
    expect(topics.count).toBe(1);
  });

  function start(name: string): Promise<Ref<RoomProtocol>> {
    return system.start(Room.childSpec(name));
  }
});

interface RoomProtocol {
  call: { name(): string };
  cast: { knock(): void };
}

const knocked: string[] = [];

const Room = genServer<RoomProtocol, string, string>({
  name: 'Room',
  init: (name) => ok(name),
  handleCall: { name: (name) => reply(name, name) },
  handleCast: {
    knock: (name) => {
      knocked.push(name);
      return noReply(name);
    },
  },
});

describe('a registry that is searched', () => {
  it.each([1, 8])('matches, selects and removes entries by their values (%d partitions)', async (partitions) => {
    const system = new VirtualSystem();
    const registry = new Registry<Record<never, never>, number>(system, { keys: 'duplicate', partitions });
    const Room = genServer<Record<never, never>, null>({ name: 'Room', init: () => ok(null) });
    const [one, other] = [await system.start(Room.childSpec(undefined)), await system.start(Room.childSpec(undefined))];
    for (const value of [1, 2, 3]) registry.register(one, 'kitchen', value);
    registry.register(other, 'kitchen', 4);
    registry.register(other, 'cellar', 5);

    registry.unregisterMatch(one, 'kitchen', (value) => value > 1);

    expect(registry.values(one, 'kitchen')).toEqual([1]);
    expect(registry.match('kitchen', ({ value }) => value > 1).map(({ value }) => value)).toEqual([4]);
    expect(registry.select(({ ref }) => ref === other).map(({ key }) => key).sort()).toEqual(['cellar', 'kitchen']);
    expect(registry.count).toBe(3);
  });

  it('forgets a fact', () => {
    const registry = new Registry(new VirtualSystem(), { keys: 'unique' });
    registry.putMeta('owner', 'me');

    expect([registry.deleteMeta('owner'), registry.deleteMeta('owner'), registry.meta('owner')]).toEqual([true, false, undefined]);
  });
});

describe('a registry with wrong options', () => {
  it.each<[string, object]>([
    ['keys', { keys: 'uniqe' }], ['keys', {}], ['partitions', { keys: 'unique', partitions: 0 }], ['partitions', { keys: 'unique', partitions: 2.5 }],
    ['partitions', { keys: 'unique', partitions: NaN }], ['listener', { keys: 'unique', listeners: [5] }],
  ])('is refused for its %s: %p', (option, options) => {
    expect(() => new Registry(new VirtualSystem(), options as { keys: 'unique' })).toThrow(option);
  });

  it('is refused by via for duplicate keys, and a key that is not text is refused by both', async () => {
    const system = new VirtualSystem();
    const registry = new Registry(system, { keys: 'duplicate' });
    const Room = genServer<Record<never, never>, null>({ name: 'Room', init: () => ok(null) });
    const room = await system.start(Room.childSpec(undefined));

    expect(() => via(registry, 'kitchen')).toThrow(TypeError);
    expect(() => registry.register(room, undefined as unknown as string, 1)).toThrow('key is undefined');
    expect(registry.count).toBe(0);
  });
});
