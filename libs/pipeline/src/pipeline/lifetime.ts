import { AlreadyStarted, type ChildOptions, type ChildSpec, type ExitReason, type Ref } from '@aisle/supervision';
import { PipelineEnded } from '../failures.ts';
import type { Ending } from '../stage/estate.ts';
import { endOrphan, type Hand } from './crew.ts';

/** What a lifetime needs of the pipeline or flow whose tree it watches. */
export interface LifetimeOptions {
  readonly id: string;
  /** Runs at each start of the tree, before any of its stages starts. */
  onStart(): void;
  /** All stages, those of an earlier tree included. */
  hands(): readonly Hand[];
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
      // After a kill the stages of the old tree still do what they have; two of a stage would break the order of keys.
      const orphans = this.tree?.alive ? [] : this.options.hands().filter(({ ref }) => ref?.alive);
      if (orphans.length === 0) return spec.start(args, ctx);
      return Promise.all(orphans.map(endOrphan)).then(() => spec.start(args, ctx));
    };
    return { ...spec, start, name: { register } };
  }

  /** As `finished` of the pipeline. Rejects with PipelineEnded when the tree ends before. */
  async finished(): Promise<Ending> {
    await this.begun;
    const { finished, isFinished, id } = this.options;
    const ended = (this.tree as Ref).whenDown().then((reason: ExitReason) => {
      if (isFinished()) return finished();
      throw new PipelineEnded(id, reason);
    });
    return Promise.race([finished(), ended]);
  }
}
