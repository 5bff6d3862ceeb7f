import type { ReceivedEvent } from '@aisle/events';
import type { CatalogueRepository } from './catalogue.repository.ts';
import { lastSaid, type MarketEvent } from './said.ts';

export interface CatalogueProjectionOptions {
  readonly repository: Pick<CatalogueRepository, 'write'>;
  /** Something was written. */
  readonly onWritten: () => void;
}

/**
 * Makes rows of what markets say. It keeps no list of events: each carries its market's revision, and one that is as old
 * as its row, or older, changes nothing. So they may come twice, late, or after a word of younger ones.
 */
export function catalogueProjection({ repository, onWritten }: CatalogueProjectionOptions) {
  return async (received: readonly ReceivedEvent[]): Promise<void> => {
    const events = received.flatMap(({ event }): MarketEvent[] =>
      event.type === 'MarketChanged' || event.type === 'ProductChanged' ? [event] : []);
    if (events.length === 0) return;
    await repository.write(lastSaid(events));
    onWritten();
  };
}
