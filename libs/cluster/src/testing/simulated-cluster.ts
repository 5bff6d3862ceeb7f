// A whole cluster in one process on virtual time. Managers, nodes and clients run the production code, over a simulated
// broker, and over journal and cluster tables in memory.
import { FrameReceiver, FrameSender, Requester, decodeBody, reply, type Envelope } from '@aisle/broker';
import { actorKey } from '@aisle/contracts';
import {
  Activation, Journal, UnstorableEvent, payloadHash, type JournalRow, type JournalStorage, type Submission,
} from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import { DEFAULT_LEASE } from '@aisle/registry/membership';
import {
  StorageFaults, createNetwork, throughFaults,
  type BasketOperation, type Lines, type NetworkFaults, type SimulatedNetwork, type SimulatedProcess,
  type StorageFaultRates, type World,
} from '@aisle/simulation';
import { isFailure, sleep, type FailureFacts } from '@aisle/std';
import type { ActorKind } from '../hosting/actor-host.ts';
import { ClusterNode } from '../hosting/cluster-node.ts';
import { ClusterManager } from '../routing/cluster-manager.ts';
import { CART_NAMES, type Adapters } from './planted-bugs.ts';
import { cartBehaviour, type CartCommand } from './cart.ts';
import { MemoryCluster } from './memory-cluster.ts';

/** The number of shards. It is small, so that shards often move together. */
export const SIMULATED_SHARDS = 6;

/** The body of the clients' messages. */
export interface CartRequest {
  readonly operation: BasketOperation;
}

/** A cart in memory. After a crash it is loaded from the journal. */
interface LiveCart {
  readonly activation: Activation<Lines, CartCommand, [string, number], null>;
  isCrashed: boolean;
  /** The number of next commands at which it crashes, each time while the command's row is being written. */
  crashesLeft: number;
}

export interface SimulatedNode {
  readonly process: SimulatedProcess;
  readonly node: ClusterNode<LiveCart>;
  readonly carts: Set<LiveCart>;
}

/** The rates of random faults, and the replaced parts. */
export interface ClusterOptions {
  readonly network: Partial<NetworkFaults>;
  readonly storage: Partial<StorageFaultRates>;
  readonly adapters: Adapters;
}

/** The processes of one world, with their shared broker and storage. */
export class SimulatedCluster {
  readonly memory: MemoryJournal;
  readonly network: SimulatedNetwork;
  readonly storageFaults: StorageFaults;
  readonly nodes = new Map<string, SimulatedNode>();
  readonly managers = new Map<string, SimulatedProcess>();
  /** Violations found during the run; there must be none. */
  readonly violations: string[] = [];
  private readonly tables: MemoryCluster;
  private births = 0;
  private forgers = 0;

  constructor(
    private readonly world: World,
    private readonly options: ClusterOptions,
  ) {
    const { memory = (...made) => new MemoryJournal(...made) } = options.adapters;
    this.memory = memory(world.runtime, { isUnstorable });
    this.network = createNetwork(world, options.network);
    this.storageFaults = new StorageFaults(world, options.storage);
    this.tables = new MemoryCluster(this.memory.storage('the tables'), SIMULATED_SHARDS);
  }

  /** Starts a manager, unless it runs already. */
  startManager(name: string): void {
    const { world } = this;
    if (this.managers.get(name)?.alive) return;
    const process = world.process(name, DRIFT);
    const manager = new ClusterManager({
      storage: throughFaults(process, this.tables, this.storageFaults),
      transport: this.network.transport(process),
      runtime: process.runtime,
      queue: MANAGERS,
      shardOf: ({ actor }) => CART_NAMES.indexOf(actorKey('default', 'm1', actor)),
      onEvent: ({ kind }) => world.coverage.hit(`manager.${kind}`),
    });
    this.managers.set(name, process);
    const start = (): Promise<void> => manager.start().catch(() => sleep(process.runtime, 100).then(start));
    void start();
  }

  /** Starts a node, unless it runs already. */
  startNode(name: string): void {
    const { world, options: { adapters } } = this;
    if (this.nodes.get(name)?.process.alive) return;
    const process = world.process(name, DRIFT);
    const { runtime } = process;
    const incarnation = `${name}.${(this.births += 1)}`;
    const reached = throughFaults(process, this.memory.storage(incarnation), this.storageFaults, {
      commit: (fault, reason) => ({ kind: fault === 'refused' ? 'failed' : 'unknown', reason }),
    });
    const counted = this.counting(reached);
    const storage = adapters.journal?.(counted, runtime) ?? counted;
    const tables = throughFaults(process, this.tables, this.storageFaults);
    const journal = new Journal({ storage, runtime });
    const carts = new Set<LiveCart>();
    const transport = this.network.transport(process);
    const outbox = new FrameSender({ transport, runtime });
    const queue = `queue of ${incarnation}`;
    const node = new ClusterNode({
      storage: adapters.cluster?.(tables) ?? tables,
      journal, runtime, incarnation, queue,
      actors: this.cartKind(journal, carts),
      limits: { actorsMax: 3, bytesMax: 2 ** 20, idleMs: 3_000 },
      onEvent: ({ kind }) => world.coverage.hit(`node.${kind}`),
    });
    const inbox = new FrameReceiver({
      transport, runtime, queue,
      onEnvelope: (envelope) => {
        if (node.accepts(envelope.shard)) return this.serve(node, outbox, envelope);
        world.coverage.hit('node.sent back');
        envelope.hops += 1;
        void outbox.send(MANAGERS, envelope);
        return undefined;
      },
    });
    this.nodes.set(name, { process, node, carts });
    inbox.start();
    const join = (): Promise<void> => node.join().catch(() => sleep(runtime, 100).then(join));
    void join();
  }

  /** Stops a node as SIGTERM does: it hands its shards over and exits. */
  stopNode(name: string): void {
    const { node, process } = this.nodes.get(name) as SimulatedNode;
    this.world.note('asked to leave', name);
    const leave = (): Promise<void> => node.leave().catch(() => sleep(process.runtime, 100).then(leave));
    process.enter(() => {
      void leave().then(() => {
        this.world.coverage.hit('node.left in order');
        process.kill();
      });
    });
  }

  /** The requester of a client. */
  requester(process: SimulatedProcess): Requester {
    const transport = this.network.transport(process);
    const outbox = new FrameSender({ transport, runtime: process.runtime });
    return new Requester({ transport, sender: outbox, runtime: process.runtime, replyQueue: `replies to ${process.name}` });
  }

  /** Sends a cart a command whose event the storage cannot store. It must never be acknowledged. */
  poison(cart: string): void {
    const process = this.world.process(`forger-${(this.forgers += 1)}`);
    const deadlineMs = process.runtime.clock.nowMs() + POISON_MS;
    const header = {
      id: process.name, type: 'cart.change', tenant: 'default', market: 'm1', actor: cart, traceparent: '', deadlineMs,
    };
    const operation: BasketOperation = { op: 'add', sku: UNSTORABLE_SKU, quantity: 1 };
    this.requester(process).request(MANAGERS, header, { operation } satisfies CartRequest).then(
      () => void this.violations.push(`I1: an unstorable command to ${cart} was acknowledged`),
      () => undefined,
    );
  }

  private async serve(node: SimulatedNode['node'], outbox: FrameSender, envelope: Envelope): Promise<void> {
    const { actor, id, shard } = envelope;
    const { operation } = decodeBody<CartRequest>(envelope.body);
    try {
      const value = await node.ask(shard, actorKey('default', 'm1', actor), (cart) =>
        operation.op === 'read'
          ? cart.activation.read((lines) => lines)
          : this.change(cart, { id, payloadHash: payloadHash(JSON.stringify(operation)), command: operation }),
      );
      reply(outbox, envelope, { value });
    } catch (error) {
      if (error instanceof UnstorableEvent) {
        this.world.coverage.hit('refused.unstorable event');
        return reply(outbox, envelope, { crash: true });
      }
      if (!isFailure(error)) return this.bug(error);
      this.world.coverage.hit(`refused.${error.code}`);
      reply(outbox, envelope, { failure: error as FailureFacts });
    }
  }

  private async change(cart: LiveCart, submission: Submission<CartCommand>): Promise<Lines> {
    const { coverage } = this.world;
    const submitted = cart.activation.submit(submission);
    if (cart.crashesLeft > 0) {
      cart.crashesLeft -= 1;
      cart.isCrashed = true;
      coverage.hit('actor.crashed');
    }
    const { state, replayed } = await submitted;
    if (replayed) coverage.hit('actor.replayed');
    return state;
  }

  private cartKind(journal: Journal, carts: Set<LiveCart>): ActorKind<LiveCart> {
    const { world, options: { adapters } } = this;
    return {
      start: async (actor, lease, honest) => {
        const plain = adapters.mayRead?.(honest) ?? honest;
        const mayRead = (): boolean => {
          const may = plain();
          if (!may) world.coverage.hit('actor.may not read');
          // Invariant I8, checked from outside: a node that answers from memory owns the shard at this instant.
          else if (this.memory.owner(lease.shard).epoch !== lease.epoch) {
            this.violations.push(`I8: ${actor} was read under epoch ${lease.epoch}, which is over`);
          }
          return may;
        };
        const activation = await Activation.load({
          journal: adapters.isImpatient ? impatientOf(journal) : journal,
          lease, actor, behaviour: cartBehaviour, snapshotEvery: 4, mayRead,
        });
        const cart = { activation, isCrashed: false, crashesLeft: 0 };
        carts.add(cart);
        return cart;
      },
      stop: async (cart) => {
        carts.delete(cart);
        if (cart.activation.over) return;
        await cart.activation.snapshot(2);
        world.coverage.hit('actor.put to rest');
      },
      isAlive: (cart) => !cart.isCrashed && !cart.activation.over,
      bytesOf: () => 100,
      mayRunAgain: ({ code }) => code === 'journal.actor_outdated' || code === 'journal.outcome_unknown',
    };
  }

  private counting(storage: JournalStorage): JournalStorage {
    const { coverage } = this.world;
    return {
      ...storage,
      async claim(...claim) {
        const answer = await storage.claim(...claim);
        coverage.hit(answer.granted ? 'claim.granted' : 'claim.refused');
        return answer;
      },
      async commit(lane, rows) {
        const answer = await storage.commit(lane, rows);
        coverage.hit(`commit.${answer.kind}`);
        if (answer.kind === 'answered') for (const { reason } of answer.refusals) coverage.hit(`commit.${reason}`);
        return answer;
      },
    };
  }

  private bug(error: unknown): void {
    this.violations.push(`a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

const MANAGERS = 'managers';
const UNSTORABLE_SKU = 'unstorable';
const POISON_MS = 700;
const DRIFT = { clockDriftMax: 0.01, wallClockSkewMsMax: 500 };

/** The length of some leases, in milliseconds. */
export function leases(count: number): number {
  return count * DEFAULT_LEASE.leaseMs;
}

function isUnstorable({ events }: JournalRow): boolean {
  return Buffer.from(events).includes(UNSTORABLE_SKU);
}

/** A journal that loads actors without waiting for rows that are being written. */
function impatientOf(journal: Journal): Journal {
  return new Proxy(journal, {
    get(target, name) {
      if (name === 'load') return (lease: { shard: number }, actor: string) => target.loadAt({ shard: lease.shard, actor }, Infinity);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}
