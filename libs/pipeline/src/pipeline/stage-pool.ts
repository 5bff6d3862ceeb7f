import { isFailure } from '@aisle/std';
import {
  DynamicSupervisor, type ChildSpec, type DynamicSupervisorFlags, type DynamicSupervisorProtocol, type Ref,
} from '@aisle/supervision';

/** As long as a supervisor would wait. */
const ORPHAN_MS = 5_000;

/** One of a pool. */
export class PooledStage {
  /** The process that started last: its supervisor knows one that waits for its next start by it, too. */
  ref: Ref | undefined = undefined;
  /** How to start it. */
  readonly spec: ChildSpec;

  constructor(spec: ChildSpec, onRestart: (stage: string) => void) {
    const register = (ref: Ref): void => {
      if (this.ref !== undefined) onRestart(spec.id);
      this.ref = ref;
    };
    this.spec = { ...spec, name: { register } };
  }
}

/** Stages of one kind whose number changes while they run, under a dynamic supervisor. */
export class StagePool {
  /** How to start its supervisor, with nobody in it. */
  readonly spec: ChildSpec;
  /** Of its last start. */
  supervisor: Ref<DynamicSupervisorProtocol> | undefined = undefined;

  /** `onEmptied`: the supervisor has started again, and nobody is in it. */
  constructor(id: string, flags: DynamicSupervisorFlags, onEmptied: () => void) {
    const register = (ref: Ref): void => {
      if (this.supervisor !== undefined) onEmptied();
      this.supervisor = ref;
    };
    this.spec = DynamicSupervisor.childSpec(flags, { id, name: { register } });
  }

  /** Starts those of them that are not there. */
  async start(members: readonly PooledStage[]): Promise<void> {
    await this.ask(async (supervisor) => {
      const present = new Set((await DynamicSupervisor.whichChildren(supervisor)).map(({ id }) => id));
      const absent = members.filter(({ spec }) => !present.has(spec.id));
      await Promise.all(absent.map(async (member) => {
        await endOrphan(member);
        await DynamicSupervisor.startChild(supervisor, member.spec);
      }));
    });
  }

  /** Ends them, each after the batches that it has. */
  async stop(members: readonly PooledStage[]): Promise<void> {
    await this.ask((supervisor) => Promise.all(members.map((member) => end(supervisor, member))));
    await Promise.all(members.map(endOrphan));
  }

  /** A supervisor that ends meanwhile takes all of them with it, and says so by `onEmptied`. */
  private async ask(run: (supervisor: Ref<DynamicSupervisorProtocol>) => Promise<unknown>): Promise<void> {
    const { supervisor } = this;
    if (!supervisor?.alive) return;
    try {
      await run(supervisor);
    } catch (error) {
      if (supervisor.alive) throw error;
    }
  }
}

/**
 * One whose supervisor was killed still does what is in its mailbox. Its successor waits for that: two of
 * them would share what is to stay in order.
 */
export async function endOrphan({ ref }: Pick<PooledStage, 'ref'>): Promise<void> {
  if (!ref?.alive) return;
  try {
    await ref.stop('shutdown', ORPHAN_MS);
  } catch {
    ref.exit('kill');
  }
}

async function end(supervisor: Ref<DynamicSupervisorProtocol>, member: PooledStage): Promise<void> {
  for (let { ref } = member; ref !== undefined; ref = member.ref) {
    try {
      return await DynamicSupervisor.terminateChild(supervisor, ref);
    } catch (error) {
      // One that has just crashed is another process by now; what is no child here is an orphan, or dead.
      if (ref !== member.ref) continue;
      if (isFailure(error) && error.code === 'child.not_found') return;
      throw error;
    }
  }
}
