import type { ClusterNode } from '@aisle/cluster';
import type { Journal } from '@aisle/journal';
import type { System } from '@aisle/supervision';
import type { AppContext } from './run-app.ts';
import { showTree } from './show-tree.ts';
import { Gauge } from './telemetry/metrics.ts';

/** A node with a command that has been open for longer is not ready: something is stuck. */
const STUCK_MS = 10_000;

/** The parts of a process that hosts actors. */
export interface NodeParts {
  readonly node: ClusterNode<object>;
  readonly journal: Journal;
  readonly system: System;
}

/**
 * Adds health checks, the views `/ops/tree` and `/ops/shards`, and the metric `<actors>_live` of an app that hosts actors.
 * `actors` is the plural of the actors' name.
 */
export function showNode(
  context: Pick<AppContext<unknown>, 'health' | 'metrics' | 'view' | 'operation'>,
  { node, journal, system }: NodeParts,
  actors: string,
): void {
  const { health, metrics, view } = context;
  health.check('journal', () => (journal.retryAfterMs > 0 ? 'PostgreSQL is away' : undefined));
  health.check('lease', () => (node.holdsLease ? undefined : 'the lease of this node has run out'));
  health.check('progress', () =>
    node.oldestOpenMs > STUCK_MS ? `a command has been open for ${Math.round(node.oldestOpenMs)} ms` : undefined,
  );
  showTree(context, system);
  view('shards', () => node.heldShards);
  new Gauge({
    name: `${actors}_live`,
    help: `${actors} in memory`,
    registers: [metrics],
    collect() {
      this.set(node.usage.actors);
    },
  });
}
