import { inspect } from 'node:util';
import { runningSystem, type RunningProcess } from '../launcher/running.ts';
import { isAlive, signalProcess } from '../process/identity.ts';
import { ask } from '../process/ops-port.ts';

/** A process of a supervision tree, as an ops port shows it. */
interface TreeNode {
  readonly pid: number;
  readonly id: string;
  readonly server: string;
  readonly status: string;
  readonly mailboxDepth: number;
  readonly restarts: number;
  readonly children: readonly TreeNode[];
  readonly childrenOmitted: number;
}

/** Lines that are printed unchanged. */
class Drawing {
  constructor(readonly lines: readonly string[]) {}

  [inspect.custom](): string {
    return this.lines.join('\n');
  }
}

const LOOK_MS = 3_000;

/** The processes of the launcher, at this moment. */
export class Processes {
  constructor(private readonly dataDir: string) {}

  /** Each with its pid and its readiness. */
  nodes(): Promise<object[]> {
    return Promise.all(this.apps().map(async (app) => ({
      instance: app.instance, pid: app.pid, ops: app.opsUrl, ready: (await ask(app, '/health/ready', LOOK_MS))?.ok ?? false,
    })));
  }

  /** The supervision trees of all of them, or of one. */
  async tree(instance?: string): Promise<Drawing> {
    const apps = this.apps().filter((app) => instance === undefined || app.instance === instance);
    if (apps.length === 0) throw this.unknown(instance);
    const trees = await Promise.all(apps.map(async (app) => {
      const response = await ask(app, '/ops/tree', LOOK_MS);
      const roots = response?.ok ? ((await response.json()) as TreeNode[]) : [];
      return [`${app.instance} (pid ${app.pid})${roots.length > 0 ? '' : ': has no tree'}`, ...roots.flatMap((root) => draw(root, '  '))];
    }));
    return new Drawing(trees.flat());
  }

  /**
   * Ends a process, by default like a crash; the launcher restarts it. No other process is affected. Undefined if there
   * is none.
   */
  kill(which: string | number, signal: NodeJS.Signals = 'SIGKILL'): string | undefined {
    const app = this.apps().find(({ instance, pid }) => instance === which || pid === which);
    if (!app) return undefined;
    signalProcess(app, signal);
    return `${signal} sent to ${app.instance} (pid ${app.pid})`;
  }

  /** The living ones. */
  apps(): readonly RunningProcess[] {
    return (runningSystem(this.dataDir)?.processes ?? []).filter(isAlive);
  }

  /** The error for a process that does not run. */
  unknown(which: string | number | undefined): Error {
    const names = this.apps().map(({ instance }) => instance).join(', ') || 'none';
    const error = new Error(`the launcher runs no process ${which}; it runs: ${names}`);
    error.stack = error.message;
    return error;
  }
}

function draw(node: TreeNode, indent: string): string[] {
  const { id, server, pid, status, mailboxDepth, restarts, children, childrenOmitted } = node;
  const facts = [
    `#${pid}`, status, ...(restarts > 0 ? [`restarts ${restarts}`] : []), ...(mailboxDepth > 0 ? [`mailbox ${mailboxDepth}`] : []),
  ];
  const name = id === server ? id : `${id}: ${server}`;
  return [
    `${indent}${name} ${facts.join(' ')}`,
    ...children.flatMap((child) => draw(child, `${indent}  `)),
    ...(childrenOmitted > 0 ? [`${indent}  and ${childrenOmitted} more`] : []),
  ];
}
