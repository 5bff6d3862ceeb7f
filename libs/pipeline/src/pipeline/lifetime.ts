import { AlreadyStarted, type ChildOptions, type ChildSpec, type ExitReason, type Ref } from '@aisle/supervision';
import { PipelineEnded } from '../failures.ts';
import type { Ending } from '../stage/handover.ts';
import { endOrphan, type PooledStage } from './stage-pool.ts';

/** What a lifetime needs of the pipeline or flow whose tree it watches. */
export interface LifetimeOptions {
  readonly id: string;
  /** Runs at each start of the tree, before any of its stages starts. */
  onStart(): void;
  /** All stages, those of an earlier tree included. */
  members(): readonly PooledStage[];
  /** Resolves once all sources have ended and all of them is acknowledged. Rejects with SourceFailed. */
  finished(): Promise<Ending>;
  /** `finished` would resolve or reject now. */
  isFinished(): boolean;
}

/**
 * The supervision tree of a pipeline or flow, from each start to its end. Only one tree lives at a time, since
 * its stages share events that outlive them.
 */
export class Lifetime {
  private tree: Ref | undefined = undefined;
  /** Those above the tree, which outlive it in any orderly end. */
  private ancestors: readonly Ref[] = [];
  private begin!: () => void;
  private readonly begun = new Promise<void>((resolve) => (this.begin = resolve));

  constructor(private readonly options: LifetimeOptions) {}

  /** The specification of the tree, whose starts and ends are heard of here. */
  specOf(spec: ChildSpec, { name }: Pick<ChildOptions, 'name'> = {}): ChildSpec {
    const register = (ref: Ref): void => {
      // Refused before it takes anything of the tree that lives.
      if (this.tree?.alive) throw new AlreadyStarted(this.options.id);
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
      // After a kill the stages of the old tree still do what they have; two of a stage would break the order of keys.
      const orphans = this.options.members().filter(({ ref }) => ref?.alive);
      const ends: Promise<unknown>[] = orphans.map(endOrphan);
      if (this.tree?.alive) ends.push(this.tree.whenDown());
      return ends.length === 0 ? begin() : Promise.all(ends).then(begin);
    };
    return { ...spec, start, name: { register } };
  }

  /** As `finished` of the pipeline. Rejects with PipelineEnded when the tree ends before. */
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

  /** Somebody above was killed: the tree ends as soon as its stages do. */
  private get isDoomed(): boolean {
    return this.ancestors.some(({ alive }) => !alive);
  }
}
