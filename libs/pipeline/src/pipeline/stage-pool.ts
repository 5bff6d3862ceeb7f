import {
  ChildFailure, DynamicSupervisor, type ChildSpec, type DynamicSupervisorFlags, type DynamicSupervisorProtocol, type Ref,
} from '@aisle/supervision';

/** The shutdown time of a supervisor's child. */
const ORPHAN_MS = 5_000;

/** A stage of a pool. */
export class PooledStage {
  /** The process that started last. A supervisor also knows a child that waits for its restart by this ref. */
  ref: Ref | undefined = undefined;
  /** Its child specification. */
  readonly spec: ChildSpec;

  constructor(spec: ChildSpec, onRestart: (stage: string) => void) {
    const register = (ref: Ref): void => {
      if (this.ref !== undefined) onRestart(spec.id);
      this.ref = ref;
    };
    this.spec = { ...spec, name: { register } };
  }
}

/** Stages of one kind under a dynamic supervisor. Their number changes while they run. */
export class StagePool {
  /** The specification of its supervisor, which starts without children. */
  readonly spec: ChildSpec;
  /** The supervisor of the last start. */
  supervisor: Ref<DynamicSupervisorProtocol> | undefined = undefined;

  /** `onEmptied` is called when the supervisor has restarted and has no children. */
  constructor(id: string, flags: DynamicSupervisorFlags, onEmptied: () => void) {
    const register = (ref: Ref): void => {
      if (this.supervisor !== undefined) onEmptied();
      this.supervisor = ref;
    };
    this.spec = DynamicSupervisor.childSpec(flags, { id, name: { register } });
  }

  /** Starts the missing stages. */
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

  /** Ends the stages, each after its present batches. */
  async stop(members: readonly PooledStage[]): Promise<void> {
    await this.ask((supervisor) => Promise.all(members.map((member) => end(supervisor, member))));
    await Promise.all(members.map(endOrphan));
  }

  /** A supervisor that ends meanwhile takes all stages with it, and reports it by `onEmptied`. */
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
 * A stage whose supervisor was killed still handles its mailbox. Its successor waits for that, because two of them
 * would break the order of events.
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
      // A stage that has just crashed has another ref by now. One that is not a child here is an orphan or dead.
      if (ref !== member.ref) continue;
      if (ChildFailure.notFound.is(error)) return;
      throw error;
    }
  }
}
