import { drawMs, happens } from '../world/chance.ts';
import { Reachability, type Cut } from '../world/reachability.ts';
import type { SimulatedProcess } from '../world/simulated-process.ts';
import type { World } from '../world/world.ts';
import { Broker } from './broker.ts';
import { NETWORK_DEFAULTS, NO_FAULTS, NetworkFailure, type NetworkFaults, type NetworkOptions } from './network-faults.ts';
import { ProcessTransport } from './process-transport.ts';

/** A broker that every process of the world reaches, and what goes wrong on the way to it and within. */
export function createNetwork(world: World, options: Partial<NetworkOptions> = {}): SimulatedNetwork {
  return new SimulatedNetwork(world, { ...NETWORK_DEFAULTS, ...options });
}

/** One push that the broker has not seen yet. */
interface Push {
  readonly process: SimulatedProcess;
  readonly queue: string;
  readonly frame: Uint8Array;
  readonly accept: () => void;
  readonly reject: (error: unknown) => void;
}

/** Frames between processes, by way of one broker: queues with competing consumers, as over Redis. */
export class SimulatedNetwork {
  private readonly broker: Broker;
  private readonly reach = new Reachability();
  private readonly transports = new Set<ProcessTransport>();
  /** What a cut holds back, to arrive late: the sender's machine sends again what was not confirmed. */
  private held: Push[] = [];
  private faults: NetworkFaults;

  /** Made by `createNetwork`. */
  constructor(
    private readonly world: World,
    private readonly options: NetworkOptions,
  ) {
    this.faults = options;
    this.broker = new Broker({
      world,
      ...options,
      travelMs: () => this.travelMs(),
      hears: (process) => this.reach.hears(process),
    });
  }

  /**
   * The network as this process sees it: structurally the `Transport` of `@aisle/broker`. Pushes and frames
   * wait while the process is paused; a frame that was popped for a process is lost when it is killed.
   */
  transport(process: SimulatedProcess): ProcessTransport {
    const transport = new ProcessTransport(process, {
      push: (queue, frame) => this.push(process, queue, frame),
      ask: (consumer) => this.carry(process, () => this.broker.ask(consumer)),
      forget: (consumer) => this.broker.forget(consumer),
    });
    this.transports.add(transport);
    process.whenKilled(() => {
      this.transports.delete(transport);
      transport.abandon();
    });
    return transport;
  }

  /** Cuts a process off: what it sends (`to`), what it is sent (`from`), or both. Nobody is told. */
  partition(process: SimulatedProcess, direction: Cut): void {
    this.world.note(`cut off from the broker, ${direction}`, process.name);
    this.world.coverage.hit(`network.partition ${direction}`);
    this.reach.cut(process, direction);
  }

  /** Ends a partition: the process connects anew, and about half of what was held back arrives now. */
  heal(process: SimulatedProcess): void {
    if (!this.reach.heal(process)) return;
    this.world.note('reaches the broker again', process.name);
    const held = this.held.filter((push) => push.process === process);
    this.held = this.held.filter((push) => push.process !== process);
    for (const push of held) this.send(push);
    for (const transport of this.transports) if (transport.process === process) transport.reconnect();
  }

  /** FLUSHALL: every queued frame is gone. */
  flush(): void {
    this.world.note(`flushed, ${this.broker.queued} frames lost`);
    this.world.coverage.hit('network.flushed');
    this.broker.flush();
  }

  /** SIGSTOP of the broker: whatever it is asked waits. */
  pause(): void {
    this.world.note('broker paused');
    this.world.coverage.hit('network.paused');
    this.broker.pause();
  }

  /** SIGCONT of the broker. */
  resume(): void {
    this.broker.resume();
  }

  /** Ends every fault, partition and pause: from now on there is nothing but latency. */
  calm(): void {
    this.faults = { ...this.options, ...NO_FAULTS };
    for (const process of this.reach.cutOff) this.heal(process);
    this.resume();
  }

  private push(process: SimulatedProcess, queue: string, frame: Uint8Array): Promise<void> {
    return process.ask((accept, reject) => this.send({ process, queue, frame, accept, reject }));
  }

  private send(push: Push): void {
    const { random, coverage } = this.world;
    const isSlow = happens(random, this.faults.slow);
    if (isSlow) coverage.hit('network.slow');
    const travelMs = isSlow ? drawMs(random, this.faults.slowMs) : this.travelMs();
    if (travelMs > this.options.pushTimeoutMs) this.giveUp(push);
    this.world.runtime.timers.after(travelMs, () => {
      if (this.reach.isHeard(push.process)) this.broker.enter(() => this.arrive(push), () => this.giveUp(push));
      else this.hold(push);
    });
  }

  private hold(push: Push): void {
    this.giveUp(push);
    if (happens(this.world.random, 0.5)) this.held.push(push);
    else this.world.coverage.hit('network.lost in a partition');
  }

  private arrive(push: Push): void {
    const { random, coverage, runtime } = this.world;
    const refusal = this.broker.refusal(push.queue);
    const isDropped = happens(random, this.faults.dropped);
    if (!refusal && isDropped) coverage.hit('network.dropped');
    if (!refusal && !isDropped) this.broker.push(push.queue, push.frame);
    if (!refusal && happens(random, this.faults.duplicated)) {
      coverage.hit('network.duplicated');
      const again = (): void => this.broker.push(push.queue, push.frame);
      runtime.timers.after(this.travelMs(), () => this.broker.enter(again));
    }
    if (happens(random, this.faults.unanswered) || !this.reach.hears(push.process)) {
      coverage.hit('network.unanswered');
      this.giveUp(push);
      return;
    }
    const answer = refusal ? () => push.reject(refusal) : push.accept;
    runtime.timers.after(this.travelMs(), answer);
  }

  // Whatever it answers first counts: a push that is answered after all in the meantime has no use for this.
  private giveUp(push: Push): void {
    const { runtime } = this.world;
    runtime.timers.after(this.options.pushTimeoutMs, () => push.reject(NetworkFailure.unavailable()));
  }

  /** Brings a consumer's request to the broker, unless a cut swallows it: then it asks again after the heal. */
  private carry(process: SimulatedProcess, arrive: () => void): void {
    this.world.runtime.timers.after(this.travelMs(), () => {
      if (!this.reach.isHeard(process)) return;
      this.broker.enter(() => {
        if (process.alive) arrive();
      });
    });
  }

  private travelMs(): number {
    return drawMs(this.world.random, this.faults.latencyMs);
  }
}
