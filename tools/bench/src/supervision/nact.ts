import { dispatch, query, spawn, start, stop, type Ref } from 'nact';
import { heapBytes, type Servers } from './servers.ts';

type Message = { by: number; sender?: Ref<number> };

const CALL_TIMEOUT_MS = 5_000;

const system = start();
const counter = spawnCounter('counter');

export const servers: Servers = {
  async call(count) {
    for (let done = 0; done < count; done += 1) await ask(1);
  },

  async cast(count) {
    for (let done = 0; done < count; done += 1) dispatch(counter, { by: 1 });
    await ask(0);
  },

  async start(count) {
    for (let done = 0; done < count; done += 1) stop(spawnCounter(`started-${done}`));
  },

  async memory(count) {
    const before = heapBytes();
    const actors = Array.from({ length: count }, (_, index) => spawnCounter(`idle-${index}`));
    const bytes = (heapBytes() - before) / count;
    for (const actor of actors) stop(actor);
    return bytes;
  },
};

function spawnCounter(name: string): Ref<Message> {
  return spawn(
    system,
    (count: number, { by, sender }: Message) => {
      if (sender) dispatch(sender, count + by);
      return count + by;
    },
    name,
    { initialState: 0 },
  );
}

function ask(by: number): Promise<number> {
  return query(counter, (sender: Ref<number>) => ({ by, sender }), CALL_TIMEOUT_MS) as Promise<number>;
}
