import type { EventHandler } from '@aisle/events';
import type { CatalogueFollower } from './catalogue-follower.ts';
import type { CatalogueRepository } from './catalogue.repository.ts';
import { latestEntries, type MarketEvent } from './catalogue-entries.ts';

/**
 * Writes the events of markets to the catalogue's rows. Each event carries its market's revision, and changes a row only if
 * the row is older. So events may come twice, late or out of order.
 */
export class CatalogueProjection {
  constructor(
    private readonly repository: Pick<CatalogueRepository, 'write'>,
    /** Refreshed after each write, without waiting for its next read. */
    private readonly follower?: Pick<CatalogueFollower, 'refresh'>,
  ) {}

  /** Events of the topic `markets`. */
  readonly handle: EventHandler = async (received) => {
    const events = received.flatMap(({ event }): MarketEvent[] =>
      event.type === 'MarketChanged' || event.type === 'ProductChanged' ? [event] : []);
    if (events.length === 0) return;
    await this.repository.write(latestEntries(events));
    void this.follower?.refresh();
  };
}
