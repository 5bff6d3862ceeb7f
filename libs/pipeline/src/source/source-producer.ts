import type { ChildSpec, Unchecked } from '@aisle/supervision';
import { Handover, type Ending } from '../stage/handover.ts';
import { heir, type ProducerOptions } from '../stage/producer.ts';
import type { ProducerProtocol } from '../stage/stage.ts';
import { Feed, type FeedWatch } from './feed.ts';
import type { OpenSource } from './source.ts';

/** A producer over a source, with the state that outlives its starts. */
export class SourceProducer<E> {
  readonly handover: Handover<E>;
  readonly spec: ChildSpec<Unchecked, ProducerProtocol>;
  private readonly feed: Feed<E>;

  constructor(open: OpenSource<E>, index: number, options: ProducerOptions<E>, watch?: FeedWatch) {
    this.handover = new Handover(options);
    this.feed = new Feed(open, index, watch);
    this.spec = heir(this.handover, (ctx) => this.feed.start(ctx), options);
  }

  /** Resolves once the source has ended and has taken all acknowledgements. */
  async finished(): Promise<Ending> {
    const ending = await this.handover.finished();
    await this.feed.settled();
    return ending;
  }

  /** Fetches no more, and resolves once the source has taken all acknowledgements. */
  async drained(): Promise<Ending> {
    const ending = await this.handover.drained();
    await this.feed.settled();
    return ending;
  }
}
