import { performance } from 'node:perf_hooks';
import { Registry, via } from '@aisle/registry';
import { sleep, systemRuntime } from '@aisle/std';
import { DynamicSupervisor, System, genServer, noReply, ok, reply, type Ref } from '@aisle/supervision';
import { KEYS, heapBytes, type Servers } from './servers.ts';

interface CounterProtocol {
  call: { value(): number; add(by: number): number };
  cast: { add(by: number): void };
}

let born: (() => void) | undefined;

const Counter = genServer<CounterProtocol, number, number>({
  name: 'Counter',
  init: (count) => {
    born?.();
    return ok(count);
  },
  handleCall: {
    value: (count) => reply(count, count),
    add: (count, by) => reply(count + by, count + by),
  },
  handleCast: { add: (count, by) => noReply(count + by) },
});

/** Casts between two requests: the mailbox holds 10,000. */
const BURST = 1_000;

const system = new System(systemRuntime);
const names = new Registry<CounterProtocol, undefined>(system, { keys: 'unique' });
const supervisor = await system.start(DynamicSupervisor.childSpec({ maxRestarts: Infinity }));
const counter = await DynamicSupervisor.startChild(supervisor, Counter.childSpec(0));
for (let index = 0; index < KEYS; index += 1) await startNamed(`key ${index}`);

export const servers: Servers = {
  async call(count) {
    for (let done = 0; done < count; done += 1) await counter.call('add', 1);
  },

  async cast(count) {
    for (let done = 1; done <= count; done += 1) {
      counter.cast('add', 1);
      if (done % BURST === 0) await counter.call('value');
    }
    await counter.call('value');
  },

  async start(count) {
    for (let done = 0; done < count; done += 1) {
      await DynamicSupervisor.terminateChild(supervisor, await startNamed(`started ${done}`));
    }
  },

  async lookup(count) {
    for (let done = 0; done < count; done += 1) await via(names, `key ${done % KEYS}`).call('value');
  },

  async memory(count) {
    const before = heapBytes();
    const refs: Ref[] = [];
    for (let index = 0; index < count; index += 1) {
      refs.push(await DynamicSupervisor.startChild(supervisor, Counter.childSpec(index)));
    }
    const bytes = (heapBytes() - before) / count;
    for (const ref of refs) await DynamicSupervisor.terminateChild(supervisor, ref);
    return bytes;
  },

  async restart(count) {
    await DynamicSupervisor.startChild(supervisor, Counter.childSpec(0, { id: 'victim' }));
    const latenciesUs: number[] = [];
    for (let round = 0; round < count; round += 1) {
      const children = await DynamicSupervisor.whichChildren(supervisor);
      const victim = children.find(({ id }) => id === 'victim')?.ref as Ref;
      // A pause before each kill, so that crashes come unexpectedly.
      await sleep(systemRuntime, 1);
      latenciesUs.push(await killAndWait(victim));
    }
    return latenciesUs.sort((one, other) => one - other)[count >> 1] as number;
  },
};

function killAndWait(victim: Ref): Promise<number> {
  return new Promise((resolve) => {
    const before = performance.now();
    born = () => {
      born = undefined;
      resolve((performance.now() - before) * 1_000);
    };
    victim.exit('kill');
  });
}

function startNamed(key: string): Promise<Ref<CounterProtocol>> {
  const spec = Counter.childSpec(0, { id: 'counter', name: via(names, key), restart: 'temporary' });
  return DynamicSupervisor.startChild(supervisor, spec);
}
