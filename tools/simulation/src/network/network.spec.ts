import { sleep, type FailureFacts } from '@aisle/std';
import type { SimulatedProcess } from '../world/simulated-process.ts';
import { World } from '../world/world.ts';
import { createNetwork, type SimulatedNetwork } from './network.ts';
import type { NetworkOptions } from './network-faults.ts';

describe('a network without faults', () => {
  it('delivers each frame to one consumer of its queue, and uses all consumers', async () => {
    const room = machineRoom();
    const taken = room.consumers('one', 'two', 'three');

    for (let frame = 0; frame < 60; frame += 1) await room.push(frame);
    await room.world.runFor(100);

    expect(taken.flatMap(({ frames }) => frames).sort((a, b) => a - b)).toEqual(numbers(60));
    for (const { frames } of taken) expect(frames.length).toBeGreaterThan(10);
  });

  it('keeps the order for a single consumer, including frames from before its start', async () => {
    const room = machineRoom();
    for (let frame = 0; frame < 20; frame += 1) await room.push(frame);

    const [taken] = room.consumers('one');
    await room.world.runFor(100);

    expect(taken?.frames).toEqual(numbers(20));
  });

  it('delivers no more frames to a consumer than it may have in flight', async () => {
    const room = machineRoom();
    const process = room.world.process('slow');
    let inFlight = 0;
    let most = 0;
    room.network.transport(process).consume('queue', async () => {
      most = Math.max(most, (inFlight += 1));
      await sleep(process.runtime, 20);
      inFlight -= 1;
    }, { inFlightMax: 3 });

    for (let frame = 0; frame < 30; frame += 1) await room.push(frame);
    await room.world.runFor(1_000);

    expect(most).toBe(3);
  });

  it('refuses a push to a full queue', async () => {
    const room = machineRoom({ queueFramesMax: 2 });
    await room.push(1);
    await room.push(2);

    expect(await room.push(3)).toBe('throttled');
  });

  it('drops the frames of a queue without consumers after a while', async () => {
    const room = machineRoom({ queueExpiryMs: 100 });
    await room.push(1);
    await room.world.runFor(200);

    const [taken] = room.consumers('late');
    await room.push(2);
    await room.world.runFor(10);

    expect(taken?.frames).toEqual([2]);
  });

  it('stops a consumer once its frames are handled, and refuses pushes after a close', async () => {
    const room = machineRoom();
    const process = room.world.process('closing');
    const transport = room.network.transport(process);
    let done = 0;
    const consumer = transport.consume('queue', async () => {
      await sleep(process.runtime, 50);
      done += 1;
    });
    await room.push(1);
    await room.world.runFor(10);
    let stoppedWith = 0;
    void consumer.stop().then(() => (stoppedWith = done));

    await room.push(2);
    await room.world.runFor(100);
    void transport.close();
    await room.world.runFor(1);

    expect(stoppedWith).toBe(1);
    await expect(transport.push('queue', new Uint8Array())).rejects.toMatchObject({ code: 'broker.closing' });
  });
});

describe('a fault of the network', () => {
  it.each<[fault: Partial<NetworkOptions>, counter: string, answer: string, frames: number[]]>([
    [{ dropped: 1 }, 'network.dropped', 'pushed', []],
    [{ unanswered: 1 }, 'network.unanswered', 'unavailable', [1]],
    [{ duplicated: 1 }, 'network.duplicated', 'pushed', [1, 1]],
    [{ slow: 1, slowMs: [2_000, 2_000] }, 'network.slow', 'unavailable', [1]],
  ])('%j is counted as %s', async (fault, counter, answer, frames) => {
    const room = machineRoom(fault);
    const [taken] = room.consumers('one');

    expect(await room.push(1)).toBe(answer);
    await room.world.runFor(3_000);

    expect(taken?.frames).toEqual(frames);
    expect(room.world.coverage.count(counter)).toBe(1);
  });

  it('lets frames overtake each other when latencies vary', async () => {
    const room = machineRoom({ latencyMs: [1, 20] });
    const [taken] = room.consumers('one');

    await Promise.all(numbers(20).map((frame) => room.push(frame)));
    await room.world.runFor(1_000);

    expect(taken?.frames).not.toEqual(numbers(20));
    expect([...(taken?.frames ?? [])].sort((a, b) => a - b)).toEqual(numbers(20));
  });

  it('ends when the network is calmed', async () => {
    const room = machineRoom({ dropped: 1, unanswered: 1 });
    const [taken] = room.consumers('one');
    room.network.partition(room.sender, 'both');
    room.network.pause();

    room.network.calm();

    expect(await room.push(1)).toBe('pushed');
    await room.world.runFor(10);
    expect(taken?.frames).toEqual([1]);
  });
});

describe('a partition', () => {
  it('holds back frames of the process, of which some arrive after the heal', async () => {
    const room = machineRoom();
    const [taken] = room.consumers('one');
    room.network.partition(room.sender, 'to');

    const answers = await Promise.all(numbers(40).map((frame) => room.push(frame)));
    expect(new Set(answers)).toEqual(new Set(['unavailable']));
    expect(taken?.frames).toEqual([]);

    room.network.heal(room.sender);
    await room.world.runFor(100);
    expect(taken?.frames.length).toBeGreaterThan(5);
    expect(taken?.frames.length).toBeLessThan(35);
    expect(await room.push(1)).toBe('pushed');
  });

  it('withholds answers from the process, while others receive its frames', async () => {
    const room = machineRoom();
    const [taken] = room.consumers('one');
    room.network.partition(room.sender, 'from');

    expect(await room.push(1)).toBe('unavailable');

    expect(taken?.frames).toEqual([1]);
  });

  it('loses the one frame that was popped for a consumer that is cut off, and delivers the others later', async () => {
    const room = machineRoom();
    const [taken] = room.consumers('one');
    await room.world.runFor(10);
    room.network.partition(taken?.process as SimulatedProcess, 'from');
    for (const frame of [1, 2, 3]) await room.push(frame);
    await room.world.runFor(1_000);
    expect(taken?.frames).toEqual([]);

    room.network.heal(taken?.process as SimulatedProcess);
    await room.world.runFor(100);

    expect(taken?.frames).toEqual([2, 3]);
    expect(room.world.coverage.count('network.popped frame lost')).toBe(1);
  });
});

describe('the broker', () => {
  it('loses every queued frame when it is flushed', async () => {
    const room = machineRoom();
    await room.push(1);

    room.network.flush();
    const [taken] = room.consumers('one');
    await room.push(2);
    await room.world.runFor(10);

    expect(taken?.frames).toEqual([2]);
  });

  it('answers no request while it is paused, and all requests afterwards', async () => {
    const room = machineRoom();
    const [taken] = room.consumers('one');
    room.network.pause();

    expect(await room.push(1)).toBe('unavailable');
    expect(taken?.frames).toEqual([]);

    room.network.resume();
    await room.world.runFor(10);
    expect(taken?.frames).toEqual([1]);
  });
});

describe('a consumer’s process', () => {
  it('loses one frame when it is killed, and its competitor receives the rest', async () => {
    const room = machineRoom({ latencyMs: [5, 5] });
    const [victim, other] = room.consumers('victim', 'other');
    await room.world.runFor(20);
    void room.push(1);
    await room.world.runFor(7);

    victim?.process.kill();
    for (const frame of [2, 3]) await room.push(frame);
    await room.world.runFor(100);

    expect(victim?.frames).toEqual([]);
    expect(other?.frames).toEqual([2, 3]);
    expect(room.world.coverage.count('network.popped frame lost')).toBe(1);
  });

  it('receives its frame when it is resumed', async () => {
    const room = machineRoom();
    const [taken] = room.consumers('one');
    await room.world.runFor(10);
    taken?.process.pause();
    await room.push(1);
    await room.world.runFor(1_000);
    expect(taken?.frames).toEqual([]);

    taken?.process.resume();
    await room.world.runFor(10);

    expect(taken?.frames).toEqual([1]);
  });
});

interface Taker {
  readonly process: SimulatedProcess;
  readonly frames: number[];
}

interface MachineRoom {
  readonly world: World;
  readonly network: SimulatedNetwork;
  readonly sender: SimulatedProcess;
  /** Pushes a frame to the queue, and lets time pass until the push is answered. */
  push(frame: number): Promise<string>;
  consumers(...names: string[]): Taker[];
}

function machineRoom(options: Partial<NetworkOptions> = {}): MachineRoom {
  const world = new World(1);
  const network = createNetwork(world, options);
  const sender = world.process('sender');
  const transport = network.transport(sender);
  return {
    world,
    network,
    sender,
    push: async (frame) => {
      let answer: string | undefined;
      void transport.push('queue', Uint8Array.of(frame)).then(
        () => (answer = 'pushed'),
        (error: FailureFacts) => (answer = error.kind),
      );
      while (answer === undefined) await world.runFor(1);
      return answer;
    },
    consumers: (...names) =>
      names.map((name) => {
        const process = world.process(name);
        const frames: number[] = [];
        network.transport(process).consume('queue', (frame) => void frames.push(frame[0] as number));
        return { process, frames };
      }),
  };
}

function numbers(count: number): number[] {
  return [...Array(count).keys()];
}
