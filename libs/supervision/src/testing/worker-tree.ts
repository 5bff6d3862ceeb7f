import { sleep } from '@aisle/std';
import type { ExitReason } from '../exit-reason.ts';
import type { Ref } from '../message/ref.ts';
import { ignore, ok, reply } from '../process/outcome.ts';
import { genServer } from '../server/gen-server.ts';
import type { ChildOptions, ChildSpec } from '../supervisor/child-spec.ts';
import type { SupervisorFlags } from '../supervisor/supervisor-state.ts';
import { Supervisor, type SupervisorProtocol } from '../supervisor/supervisor.ts';
import { crash } from './crash.ts';
import { VirtualSystem } from './virtual-system.ts';

export interface WorkerProtocol {
  call: { id(): string };
}

interface WorkerArgs {
  id: string;
  tree: WorkerTree;
  initMs: number;
  terminateMs: number;
}

/** The duration of a worker's `init` and `terminate`, and the options of its specification. */
export type WorkerOptions = ChildOptions & { initMs?: number; terminateMs?: number };

/** Workers that log their starts and stops, for this lib's own tests. */
export class WorkerTree {
  /** `start a` and `stop a`, in order. Workers that `end` ends are not logged. */
  log: string[] = [];
  /** The fault of `init`, by worker id; `once` fails the first time only. */
  readonly faults = new Map<string, 'fail' | 'once' | 'ignore'>();
  private readonly ending = new Set<string>();

  constructor(readonly system = new VirtualSystem()) {}

  worker(
    id: string,
    { initMs = 0, terminateMs = 0, ...options }: WorkerOptions = {},
  ): ChildSpec<WorkerArgs, WorkerProtocol> {
    return Worker.childSpec({ id, tree: this, initMs, terminateMs }, { id, ...options });
  }

  /** Starts a root supervisor and clears the log of its children. */
  async start(flags: SupervisorFlags, children: ChildSpec[]): Promise<Ref<SupervisorProtocol>> {
    const root = await this.system.start(Supervisor.childSpec({ ...flags, children }));
    this.log = [];
    return root;
  }

  /** Ends a child so that it has this exit reason, and lets its supervisor act. */
  async end(supervisor: Ref, id: string, reason: ExitReason): Promise<void> {
    const child = Supervisor.child(supervisor, id).whereis()!;
    if (reason === 'killed') {
      child.exit('kill');
    } else {
      this.ending.add(id);
      if (typeof reason === 'object' && 'error' in reason) crash(child, reason.error);
      else await child.stop(reason);
    }
    await this.system.settle();
  }

  /** @internal */
  started(id: string): void {
    this.log.push(`start ${id}`);
  }

  /** @internal */
  stopped(id: string): void {
    if (!this.ending.delete(id)) this.log.push(`stop ${id}`);
  }
}

const Worker = genServer<WorkerProtocol, WorkerArgs, WorkerArgs>({
  name: 'Worker',
  trapExit: true,
  init: (args, ctx) => {
    const { id, tree, initMs } = args;
    const fault = tree.faults.get(id);
    if (fault === 'once') tree.faults.delete(id);
    if (fault === 'ignore') return ignore;
    if (fault !== undefined) throw new Error(`${id} is broken`);
    const begin = (): ReturnType<typeof ok<WorkerArgs>> => {
      tree.started(id);
      return ok(args);
    };
    return initMs === 0 ? begin() : sleep(ctx.runtime, initMs).then(begin);
  },
  handleCall: { id: (args) => reply(args.id, args) },
  terminate: (_reason, { id, tree, terminateMs }, ctx) => {
    if (terminateMs === 0) return tree.stopped(id);
    const { self } = ctx;
    // A worker that was killed in the meantime did not stop by itself.
    return sleep(ctx.runtime, terminateMs).then(() => (self.alive ? tree.stopped(id) : undefined));
  },
});
