import fc from 'fast-check';
import { DynamicSupervisor, genServer, ok, reply, type Ref, type Restart } from '@aisle/supervision';
import { VirtualSystem, crash } from '@aisle/supervision/testing';
import { Registry } from './registry.ts';
import { via } from './via.ts';

type Operation =
  | { type: 'start'; name: string; restart: Restart }
  | { type: 'crash' | 'kill' | 'stop' | 'terminate'; name: string };

const name = fc.constantFrom('a', 'b', 'c', 'd');
const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant('start' as const),
      name,
      restart: fc.constantFrom<Restart>('permanent', 'transient', 'temporary'),
    }),
    fc.record({ type: fc.constantFrom('crash' as const, 'kill' as const, 'stop' as const, 'terminate' as const), name }),
  ),
  { maxLength: 50 },
);

describe('a registry of supervised servers', () => {
  it('has exactly one entry for each living named server, after any sequence of steps', async () => {
    await fc.assert(
      fc.asyncProperty(operations, fc.integer({ min: 1, max: 3 }), async (operations, partitions) => {
        const system = new VirtualSystem();
        const registry = new Registry<NamedProtocol, string>(system, { keys: 'unique', partitions });
        const supervisor = await system.start(DynamicSupervisor.childSpec({ maxRestarts: Infinity }));
        // Registered names, with the restart type of each server.
        const model = new Map<string, Restart>();

        for (const operation of operations) {
          const { type, name } = operation;
          const ref = registry.whereis(name);
          if (type === 'start') {
            const { restart } = operation;
            const spec = Named.childSpec(name, { name: via(registry, name, name), restart });
            const start = DynamicSupervisor.startChild(supervisor, spec);
            if (model.has(name)) {
              await expect(start).rejects.toMatchObject({ code: 'registry.already_registered' });
            } else {
              await start;
              model.set(name, restart);
            }
          } else if (ref !== undefined) {
            await ends[type](ref, supervisor);
            const again =
              model.get(name) === 'permanent' || (model.get(name) === 'transient' && type !== 'stop');
            if (type === 'terminate' || !again) model.delete(name);
          }
          await system.settle();

          expect(registry.count).toBe(model.size);
          expect(system.processCount).toBe(1 + model.size);
          for (const name of model.keys()) expect(await via(registry, name, name).call('name')).toBe(name);
        }

        await supervisor.stop('shutdown');
        expect([registry.count, system.processCount, system.virtual.pendingTimers]).toEqual([0, 0, 0]);
      }),
      { numRuns: 100 },
    );
  });
});

const ends: Record<'crash' | 'kill' | 'stop' | 'terminate', (ref: Ref, supervisor: Ref) => Promise<void> | void> = {
  crash: (ref) => crash(ref),
  kill: (ref) => ref.exit('kill'),
  stop: (ref) => ref.stop(),
  terminate: (ref, supervisor) => DynamicSupervisor.terminateChild(supervisor, ref),
};

interface NamedProtocol {
  call: { name(): string };
}

const Named = genServer<NamedProtocol, string, string>({
  name: 'Named',
  init: (name) => ok(name),
  handleCall: { name: (name) => reply(name, name) },
});
