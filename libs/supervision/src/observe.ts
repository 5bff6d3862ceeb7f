import { checkNumber } from '@aisle/std';
import type { Ref } from './message/ref.ts';
import type { Process } from './process/process.ts';

/** One process in the tree that `observe` returns; plain data, ready for JSON. */
export interface TreeNode {
  readonly pid: number;
  /** The id of its child specification. */
  readonly id: string;
  /** The name of its server. */
  readonly server: string;
  readonly type: 'worker' | 'supervisor';
  readonly status: 'starting' | 'idle' | 'busy' | 'terminating' | 'dead';
  /** Waiting messages in its mailbox. */
  readonly mailboxDepth: number;
  /** Number of restarts by its supervisor. */
  readonly restarts: number;
  /** Age of this incarnation. */
  readonly uptimeMs: number;
  readonly children: TreeNode[];
  /** Children left out because of `childrenMax`. */
  readonly childrenOmitted: number;
}

/** A process that `find` returned. */
export interface FoundProcess extends Pick<TreeNode, 'pid' | 'id' | 'server'> {
  readonly ref: Ref;
}

/** The bound on the shown part of a tree. */
export interface ObserveOptions {
  /** Shown children per process; 1,000 by default, so that the answer has a bound. */
  childrenMax?: number;
}

const CHILDREN_MAX = 1_000;

/** The forest of these processes. An orphan, whose parent has ended normally, is a root. */
export function observe(
  processes: Iterable<Process>,
  { childrenMax = CHILDREN_MAX }: ObserveOptions = {},
): TreeNode[] {
  checkNumber('childrenMax', childrenMax, { min: 0, isEndless: true });
  const roots = [...processes].filter(({ parent }) => parent === undefined || !parent.alive);
  return roots.map((root) => nodeOf(root, childrenMax));
}

function nodeOf(process: Process, childrenMax: number): TreeNode {
  const children: TreeNode[] = [];
  for (const child of process.children ?? []) {
    if (children.length === childrenMax) break;
    children.push(nodeOf(child, childrenMax));
  }
  return {
    pid: process.pid,
    id: process.spec.id,
    server: process.behaviour.name,
    type: process.behaviour.type,
    status: process.statusName,
    mailboxDepth: process.depth,
    restarts: process.restarts,
    uptimeMs: process.system.runtime.clock.monotonicMs() - process.startedAtMs,
    children,
    childrenOmitted: (process.children?.size ?? 0) - children.length,
  };
}
