import { setTimeout as sleep } from 'node:timers/promises';
import { SHARDS } from '@aisle/contracts';
import type { AppName } from '@aisle/dev/testing';
import type { Random } from '@aisle/std';
import type { ChaosNode, ChaosSystem } from '../system/chaos-system.ts';

/** The default lease of a node, of which pauses are a part or a multiple. */
export const LEASE_MS = 1_500;

/** What a nemesis works on. */
export interface Ground {
  readonly system: ChaosSystem;
  readonly random: Random;
  /** What the load was answered so far, by a name that ends with the status or with why there was no answer. */
  readonly answers: () => Readonly<Record<string, number>>;
  /** Notes that a promise was broken, as a nemesis saw itself. */
  readonly violated: (promise: string, text: string) => void;
}

/** Something that goes wrong, for some time. */
export interface Nemesis {
  readonly name: string;
  /** How long it stays before it is healed. */
  readonly holdMs: number;
  /** How often it comes in each round; once unless told. More often where figures are wanted. */
  readonly perRound?: number;
  /** What is measured besides: baskets of a killed node, or all baskets once a server is back. */
  readonly measures?: 'failover' | 'service';
  start(ground: Ground): Promise<Harm>;
}

/** What a nemesis has done. */
export interface Harm {
  /** The processes that it hit, for the report. */
  readonly victims: string;
  /** The shards of the node that was killed, and when, on this process's monotonic clock. */
  readonly killed?: { readonly shards: readonly number[]; readonly atMs: number };
  /** Undoes it; resolves when every server and process is there again. */
  heal(): Promise<void>;
}

/** One of the living processes of an app; of the basket-servers one that has something to lose. */
export async function drawNode({ system, random }: Ground, app: AppName): Promise<ChaosNode> {
  const nodes = system.nodes(app);
  const holders = app === 'basket-server' ? await holdersAmong(system, nodes) : nodes;
  const candidates = holders.length > 0 ? holders : nodes;
  const node = candidates[random.int(candidates.length)];
  if (!node) throw new Error(`there is no ${app} left`);
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
