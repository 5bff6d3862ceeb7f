import { createActor, fromTransition, type ActorRefFrom } from 'xstate';
import { heapBytes, type Servers } from './servers.ts';

// Its lightest actor: a reducer. It has no mailbox, no supervisor and no reply. A request is an event followed by a
// read of the state.
const counterLogic = fromTransition((count: number, event: { type: 'add'; by: number }) => count + event.by, 0);

const counter = createActor(counterLogic).start();

export const servers: Servers = {
  async call(count) {
    let seen = 0;
    for (let done = 0; done < count; done += 1) {
      counter.send({ type: 'add', by: 1 });
      seen += counter.getSnapshot().context;
    }
    if (seen < count) throw new Error('an event was lost');
  },

  async cast(count) {
    for (let done = 0; done < count; done += 1) counter.send({ type: 'add', by: 1 });
  },

  async start(count) {
    for (let done = 0; done < count; done += 1) startNamed(`started ${done}`).stop();
  },

  async memory(count) {
    const before = heapBytes();
    const actors = Array.from({ length: count }, (_, index) => startNamed(`idle ${index}`));
    const bytes = (heapBytes() - before) / count;
    for (const actor of actors) actor.stop();
    return bytes;
  },
};

function startNamed(systemId: string): ActorRefFrom<typeof counterLogic> {
  return createActor(counterLogic, { systemId }).start();
}
