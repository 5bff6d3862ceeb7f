import { setTimeout as sleep } from 'node:timers/promises';
import { SHARDS } from '@aisle/contracts';
import type { AppName } from '@aisle/dev/testing';
import type { Random } from '@aisle/std';
import type { ChaosNode, ChaosSystem } from '../system/chaos-system.ts';

/** The default lease of a node. Pauses are a part or a multiple of it. */
export const LEASE_MS = 1_500;

/** The context of a nemesis. */
export interface Ground {
  readonly system: ChaosSystem;
  readonly random: Random;
  /** The answers to the load so far, by a name that ends with the status or with the cause of a missing answer. */
  readonly answers: () => Readonly<Record<string, number>>;
  /** Records a broken promise that the nemesis saw itself. */
  readonly violated: (promise: string, text: string) => void;
}

/** A fault that lasts for some time. */
export interface Nemesis {
  readonly name: string;
  /** The time before it is healed. */
  readonly holdMs: number;
  /** Its number in each round; 1 by default. More often if figures are needed. */
  readonly perRound?: number;
  /** An additional measurement: baskets of a killed node, or all baskets once a server is back. */
  readonly measures?: 'failover' | 'service';
  start(ground: Ground): Promise<Harm>;
}

/** The effect of a nemesis. */
export interface Harm {
  /** The affected processes, for the report. */
  readonly victims: string;
  /** The shards of the killed node, and the time on this process's monotonic clock. */
  readonly killed?: { readonly shards: readonly number[]; readonly atMs: number };
  /** Undoes it. Resolves when every server and process is there again. */
  heal(): Promise<void>;
}

/** One of the living processes of an app; of the basket-servers one that holds shards. */
export async function drawNode({ system, random }: Ground, app: AppName): Promise<ChaosNode> {
  const nodes = system.nodes(app);
  const holders = app === 'basket-server' ? await holdersAmong(system, nodes) : nodes;
  const candidates = holders.length > 0 ? holders : nodes;
  const node = candidates[random.int(candidates.length)];
  if (!node) throw new Error(`no process of ${app} is running`);
  return node;
}

// A node that has just started has no shards yet.
async function holdersAmong(system: ChaosSystem, nodes: readonly ChaosNode[]): Promise<ChaosNode[]> {
  const held = await Promise.all(nodes.map((node) => system.shardsOf(node)));
  return nodes.filter((_, index) => (held[index]?.length ?? 0) >= SHARDS.basket / 16);
}

/** Waits, as a step of a nemesis. */
export function wait(ms: number): Promise<void> {
  return sleep(ms);
}
