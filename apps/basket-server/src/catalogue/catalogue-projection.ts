import type { EventHandler } from '@aisle/events';
import type { CatalogueInForce } from './catalogue-in-force.ts';
import type { CatalogueRepository } from './catalogue.repository.ts';
import { lastSaid, type MarketEvent } from './said.ts';

/**
 * Makes rows of what markets say. It keeps no list of events: each carries its market's revision, and one that is as old
 * as its row, or older, changes nothing. So they may come twice, late, or after a word of younger ones.
 */
export class CatalogueProjection {
  constructor(
    private readonly repository: Pick<CatalogueRepository, 'write'>,
    /** Brought up to date at once when something was written here. */
    private readonly inForce?: Pick<CatalogueInForce, 'refresh'>,
  ) {}

  /** Events of the topic `markets`. */
  readonly handle: EventHandler = async (received) => {
    const events = received.flatMap(({ event }): MarketEvent[] =>
      event.type === 'MarketChanged' || event.type === 'ProductChanged' ? [event] : []);
    if (events.length === 0) return;
    await this.repository.write(lastSaid(events));
    void this.inForce?.refresh();
  };
}
