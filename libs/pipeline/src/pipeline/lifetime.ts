import { ChildFailure, type ChildOptions, type ChildSpec, type ExitReason, type Ref } from '@aisle/supervision';
import { PipelineEnded } from '../failures.ts';
import type { Ending } from '../stage/handover.ts';
import { endOrphan, type PooledStage } from './stage-pool.ts';

/** The operations of a pipeline or flow that its lifetime uses. */
export interface LifetimeOptions {
  readonly id: string;
  /** Runs at each start of the tree, before any of its stages starts. */
  onStart(): void;
  /** All stages, including those of an earlier tree. */
  members(): readonly PooledStage[];
  /** Resolves once all sources have ended and all their events are acknowledged. Rejects with PipelineFailure.sourceFailed. */
  finished(): Promise<Ending>;
  /** True if `finished` would settle now. */
  isFinished(): boolean;
}

/**
 * The supervision tree of a pipeline or flow, from each start to its end. Only one tree lives at a time, since its
 * stages share events that outlive them.
 */
export class Lifetime {
  private tree: Ref | undefined = undefined;
  /** The processes above the tree. They outlive it in an orderly end. */
  private ancestors: readonly Ref[] = [];
  private begin!: () => void;
  private readonly begun = new Promise<void>((resolve) => (this.begin = resolve));

  constructor(private readonly options: LifetimeOptions) {}

  /** The specification of the tree, with reports of its starts and ends. */
  specOf(spec: ChildSpec, { name }: Pick<ChildOptions, 'name'> = {}): ChildSpec {
    const register = (ref: Ref): void => {
      // Refuse it before it takes anything from the living tree.
      if (this.tree?.alive) throw ChildFailure.alreadyStarted(this.options.id);
      name?.register(ref);
      this.tree = ref;
      this.options.onStart();
      this.begin();
    };
    const start: ChildSpec['start'] = (args, ctx) => {
      const begin = (): ReturnType<ChildSpec['start']> => {
        this.ancestors = ctx.ancestors;
        return spec.start(args, ctx);
      };
      if (this.tree?.alive && !this.isDoomed) return spec.start(args, ctx);
      // After a kill the stages of the old tree still handle their mailboxes. Two copies of a stage would break the
      // order of keys.
      const orphans = this.options.members().filter(({ ref }) => ref?.alive);
      const ends: Promise<unknown>[] = orphans.map(endOrphan);
      if (this.tree?.alive) ends.push(this.tree.whenDown());
      return ends.length === 0 ? begin() : Promise.all(ends).then(begin);
    };
    return { ...spec, start, name: { register } };
  }

  /** Like `finished` of the pipeline. Rejects with PipelineEnded if the tree ends before. */
  async finished(): Promise<Ending> {
    await this.begun;
    const { finished, isFinished, id } = this.options;
    const above = [this.tree as Ref, ...this.ancestors].map((ref) => ref.whenDown());
    const ended = Promise.race(above).then((reason: ExitReason) => {
      if (isFinished()) return finished();
      throw new PipelineEnded(id, reason);
    });
    return Promise.race([finished(), ended]);
  }

  /** A process above the tree was killed, so the tree ends as soon as its stages do. */
  private get isDoomed(): boolean {
    return this.ancestors.some(({ alive }) => !alive);
  }
}
