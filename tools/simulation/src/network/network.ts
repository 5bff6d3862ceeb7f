import { drawMs, happens } from '../world/chance.ts';
import { Reachability, type Cut } from '../world/reachability.ts';
import type { SimulatedProcess } from '../world/simulated-process.ts';
import type { World } from '../world/world.ts';
import { Broker } from './broker.ts';
import { NETWORK_DEFAULTS, NO_FAULTS, NetworkFailure, type NetworkFaults, type NetworkOptions } from './network-faults.ts';
import { ProcessTransport } from './process-transport.ts';

/** Creates a broker for the processes of a world, with faults in the broker and on the way to it. */
export function createNetwork(world: World, options: Partial<NetworkOptions> = {}): SimulatedNetwork {
  return new SimulatedNetwork(world, { ...NETWORK_DEFAULTS, ...options });
}

/** A push on its way to the broker. */
interface Push {
  readonly process: SimulatedProcess;
  readonly queue: string;
  readonly frame: Uint8Array;
  readonly accept: () => void;
  readonly reject: (error: unknown) => void;
}

/** Carries frames between processes through one broker: queues with competing consumers, as over Redis. */
export class SimulatedNetwork {
  private readonly broker: Broker;
  private readonly reach = new Reachability();
  private readonly transports = new Set<ProcessTransport>();
  /** Pushes that a partition holds back and that arrive late, because a sender's machine retransmits unconfirmed data. */
  private held: Push[] = [];
  private faults: NetworkFaults;

  /** Called by `createNetwork`. */
  constructor(
    private readonly world: World,
    private readonly options: NetworkOptions,
  ) {
    this.faults = options;
    this.broker = new Broker({
      world,
      ...options,
      travelMs: () => this.travelMs(),
      reaches: (process) => this.reach.reachesProcess(process),
    });
  }

  /**
   * The network as this process sees it; it has the shape of the `Transport` of `@aisle/broker`. Pushes and frames wait while the
   * process is paused. A frame that was popped for a process is lost when the process is killed.
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

  /** Cuts a process off from the broker: its frames (`to`), frames for it (`from`), or both. Neither side is notified. */
  partition(process: SimulatedProcess, direction: Cut): void {
    this.world.note(`cut off from the broker, ${direction}`, process.name);
    this.world.coverage.hit(`network.partition ${direction}`);
    this.reach.cut(process, direction);
  }

  /** Ends a partition: the process reconnects, and the pushes that were held back, about half of all, arrive now. */
  heal(process: SimulatedProcess): void {
    if (!this.reach.heal(process)) return;
    this.world.note('reaches the broker again', process.name);
    const held = this.held.filter((push) => push.process === process);
    this.held = this.held.filter((push) => push.process !== process);
    for (const push of held) this.send(push);
    for (const transport of this.transports) if (transport.process === process) transport.reconnect();
  }

  /** Deletes every queued frame, as FLUSHALL does. */
  flush(): void {
    this.world.note(`flushed, ${this.broker.queued} frames lost`);
    this.world.coverage.hit('network.flushed');
    this.broker.flush();
  }

  /** Stops the broker, as SIGSTOP does; requests wait. */
  pause(): void {
    this.world.note('broker paused');
    this.world.coverage.hit('network.paused');
    this.broker.pause();
  }

  /** Continues the broker, as SIGCONT does. */
  resume(): void {
    this.broker.resume();
  }

  /** Ends all faults, partitions and pauses; only latency remains. */
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
      if (this.reach.reachesServer(push.process)) this.broker.enter(() => this.arrive(push), () => this.giveUp(push));
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
    if (happens(random, this.faults.unanswered) || !this.reach.reachesProcess(push.process)) {
      coverage.hit('network.unanswered');
      this.giveUp(push);
      return;
    }
    const answer = refusal ? () => push.reject(refusal) : push.accept;
    runtime.timers.after(this.travelMs(), answer);
  }

  // The first answer counts: the rejection has no effect on a push that is answered in the meantime.
  private giveUp(push: Push): void {
    const { runtime } = this.world;
    runtime.timers.after(this.options.pushTimeoutMs, () => push.reject(NetworkFailure.unavailable()));
  }

  /** Carries a consumer's request to the broker. If a partition swallows it, the consumer asks again after the heal. */
  private carry(process: SimulatedProcess, arrive: () => void): void {
    this.world.runtime.timers.after(this.travelMs(), () => {
      if (!this.reach.reachesServer(process)) return;
      this.broker.enter(() => {
        if (process.alive) arrive();
      });
    });
  }

  private travelMs(): number {
    return drawMs(this.world.random, this.faults.latencyMs);
  }
}
