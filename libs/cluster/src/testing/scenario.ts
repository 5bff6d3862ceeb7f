import { actorKey } from '@aisle/contracts';
import { History, type BasketOperation, type Lines, type SimulatedProcess, type World } from '@aisle/simulation';
import { assert, isFailure, sleep, type Failure } from '@aisle/std';
import type { Requester } from '@aisle/broker';
import { checkInvariants, type Acknowledged } from './invariants.ts';
import { CARTS, heal, nemeses, pick } from './nemeses.ts';
import type { Adapters } from './planted-bugs.ts';
import { SimulatedCluster, type CartRequest } from './simulated-cluster.ts';

const SKUS = ['GR1', 'SR1', 'CF1'];
const CLIENTS = 4;
const START_MS = 700;
const TROUBLE_MS = 8_000;
// P11 promises 10 s; a lease, its margin and a few rounds of placement take much less.
const CONVERGE_MS = 5_000;
const LOOK_MS = 1_500;
const ATTEMPTS_MAX = 6;
const SILENCE_MS = 700;

/** Branches that a batch of seeds must reach, or its success means little. */
export const requiredCoverage: readonly string[] = [
  ...Object.keys(nemeses).map((name) => `nemesis.${name}`),
  'actor.crashed', 'actor.may not read', 'actor.put to rest', 'actor.replayed',
  'claim.granted', 'claim.refused',
  'commit.answered', 'commit.duplicate', 'commit.failed', 'commit.fenced', 'commit.sibling',
  'commit.unknown', 'commit.unstorable',
  'manager.shards placed', 'manager.shards not placed', 'manager.view not read',
  'node.lease lapsed', 'node.lease missed', 'node.left in order', 'node.sent back', 'node.shard lost',
  'node.shard not moved', 'node.view not read',
  'refused.cart.line_missing', 'refused.cluster.host_full', 'refused.journal.lease_uncertain',
  'refused.journal.shard_lost', 'refused.journal.unavailable', 'refused.unstorable event',
  'network.dropped', 'network.duplicated', 'network.unanswered', 'network.lost in a partition',
  'network.popped frame lost',
  'storage.refused', 'storage.late', 'storage.unknown', 'storage.answer lost',
  'storage.crash before commit', 'storage.crash after commit', 'storage.crash before claim', 'storage.crash after claim',
];

/** One client of a run. */
interface Client {
  readonly process: SimulatedProcess;
  readonly requester: Requester;
  isDone: boolean;
}

/**
 * One run: a cluster starts, and clients fill carts while some of the faults are injected. Then the faults stop, and each
 * cart must answer again. Rejects with the violated invariants.
 */
export function clusterScenario(adapters: Adapters = {}): (world: World) => Promise<void> {
  return async (world) => {
    const { random } = world;
    // Each run omits some faults, since some bugs show only in the absence of other faults.
    const rate = (max: number): number => (random.int(2) === 0 ? 0 : random.next() * max);
    const cluster = new SimulatedCluster(world, {
      adapters,
      network: { dropped: rate(0.03), unanswered: rate(0.03), duplicated: rate(0.05), slow: rate(0.05) },
      storage: { refused: rate(0.01), late: rate(0.02), unknown: rate(0.02) },
    });
    const chosen = Object.keys(nemeses).filter(() => random.int(2) === 0);
    world.note(`nemeses: ${chosen.join(', ')}`);
    for (const name of ['manager-1', 'manager-2']) cluster.startManager(name);
    for (const name of ['node-1', 'node-2', 'node-3']) cluster.startNode(name);
    await world.runFor(START_MS);

    const history = new History(() => world.nowMs);
    const acknowledged: Acknowledged[] = [];
    const clients = Array.from({ length: CLIENTS }, (_, index): Client => {
      const process = world.process(`client-${index + 1}`);
      const client = { process, requester: cluster.requester(process), isDone: false };
      void shop(client, history, acknowledged, world.nowMs + TROUBLE_MS).then(
        () => (client.isDone = true),
        (error: unknown) => cluster.violations.push(`a client: ${String(error)}`),
      );
      return client;
    });
    await trouble(cluster, world, chosen);

    heal(cluster);
    await world.runFor(CONVERGE_MS);
    let haveLooked = 0;
    for (const client of clients) {
      lookAtAll(client, history).then(
        () => (haveLooked += 1),
        (error: unknown) => cluster.violations.push(String(error)),
      );
    }
    await world.runFor(LOOK_MS);
    if (haveLooked < CLIENTS) cluster.violations.push('P11: a cart did not answer after the last fault');
    if (!clients.every(({ isDone }) => isDone)) cluster.violations.push('P11: a client waits for ever');
    await checkInvariants(cluster, history, acknowledged);
  };
}

async function trouble(cluster: SimulatedCluster, world: World, chosen: readonly string[]): Promise<void> {
  const untilMs = world.nowMs + TROUBLE_MS;
  while (world.nowMs < untilMs) {
    await world.runFor(300 + world.random.int(1_500));
    if (chosen.length === 0) continue;
    const name = pick(world.random, chosen);
    world.note(name);
    world.coverage.hit(`nemesis.${name}`);
    nemeses[name]?.(cluster, world);
  }
}

async function shop({ process, requester }: Client, history: History, acknowledged: Acknowledged[], untilMs: number): Promise<void> {
  const { random } = process.runtime;
  for (let count = 0; process.runtime.clock.monotonicMs() + START_MS < untilMs; count += 1) {
    const cart = pick(random, CARTS);
    const operation = randomOperation(process);
    const id = `${process.name}-${count}`;
    const call = history.invoke(process.name, cart, operation);
    const answer = await attempts(process, requester, cart, id, operation);
    if (answer === 'unknown') call.unknown();
    else if (answer === 'refused') call.refused();
    else {
      if (operation.op !== 'read') acknowledged.push({ commandId: id, actor: actorKey('default', 'm1', cart) });
      call.ok(answer);
    }
    await sleep(process.runtime, random.int(120));
  }
}

/** Sends the same command again until its outcome is known, a few times. */
async function attempts(
  process: SimulatedProcess, requester: Requester, cart: string, id: string, operation: BasketOperation,
): Promise<Lines | 'refused' | 'unknown'> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    try {
      return await ask(process, requester, cart, id, operation);
    } catch (error) {
      assert(isFailure(error), `a crash of the receiver: ${String(error)}`);
      const { kind, code } = error as Failure;
      // After the first attempt a refusal is not final: an unanswered earlier copy may still take effect.
      if (code === 'cart.line_missing') return attempt === 0 ? 'refused' : 'unknown';
      assert(kind === 'unavailable' || kind === 'throttled' || kind === 'unknown', `an answer of kind ${kind}: ${code}`);
      await sleep(process.runtime, 30 * (attempt + 1));
    }
  }
  return 'unknown';
}

function ask(
  process: SimulatedProcess, requester: Requester, actor: string, id: string, operation: BasketOperation,
): Promise<Lines> {
  const type = operation.op === 'read' ? 'cart.read' : 'cart.change';
  const deadlineMs = process.runtime.clock.nowMs() + SILENCE_MS;
  const header = { id, type, tenant: 'default', market: 'm1', actor, traceparent: '', deadlineMs };
  return requester.request<Lines>('managers', header, { operation } satisfies CartRequest);
}

/** Reads every cart. The answers join the history, and must be linearizable. */
async function lookAtAll({ process, requester }: Client, history: History): Promise<true> {
  for (const cart of CARTS) {
    const operation = { op: 'read' } as const;
    const call = history.invoke(process.name, cart, operation);
    const answer = await attempts(process, requester, cart, `${process.name}-last-${cart}`, operation);
    assert(typeof answer === 'object', `P11: cart ${cart} does not answer after the last fault`);
    call.ok(answer);
  }
  return true;
}

function randomOperation({ runtime: { random } }: SimulatedProcess): BasketOperation {
  const sku = pick(random, SKUS);
  const quantity = 1 + random.int(3);
  const draw = random.next();
  if (draw < 0.35) return { op: 'read' };
  if (draw < 0.75) return { op: 'add', sku, quantity };
  return draw < 0.87 ? { op: 'set', sku, quantity } : { op: 'remove', sku };
}
