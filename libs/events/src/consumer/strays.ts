import type { Runtime } from '@aisle/std';
import type { Entry } from '../backbone/backbone.ts';
import { Wake } from '../wake.ts';
import type { TopicPartition } from './checkpoint.repository.ts';
import type { Burial } from './dead-letters.repository.ts';
import { itemOf } from './item.ts';
import type { ConsumerEvent } from './received-event.ts';

/** An entry that no relay has published. */
class StrayEntry extends Error {
  override readonly name = 'StrayEntry';
  constructor(characters: number) {
    super(`no relay of this system has published it${characters > BODY_MAX ? `; these are ${BODY_MAX} of ${characters} characters` : ''}`);
  }
}

/** The options of `Strays`. */
export interface StraysOptions {
  readonly consumer: string;
  readonly place: TopicPartition;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly bury: (letter: Burial) => Promise<void>;
  readonly wantRewind: (place: TopicPartition) => Promise<void>;
  readonly onEvent: (event: ConsumerEvent) => void;
}

const BODY_MAX = 65_536;
/** The number of remembered strays. Beyond it a stray may be buried and reported more than once. */
const KNOWN_MAX = 1_000;
const WAITING_MAX = 1_000;
const AGAIN_MS = 500;

/**
 * Entries of a partition that no relay has published. Each becomes a dead letter. Then the relay is asked to recreate
 * the partition, since a stray may stand in the place of an event.
 */
export class Strays {
  private readonly known = new Set<string>();
  private waiting: Burial[] = [];
  private isWanted = false;
  private stopped = false;
  private readonly wake: Wake;
  private working: Promise<void> | undefined;

  constructor(private readonly options: StraysOptions) {
    this.wake = new Wake(options.runtime);
  }

  add(entries: readonly Entry[]): void {
    if (this.stopped) return;
    for (const entry of entries) this.remember(entry);
    this.isWanted = true;
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wake.signal();
    await this.working;
  }

  private remember(entry: Entry): void {
    const name = `${entry.position}/${entry.body.length}/${entry.body.slice(0, 256)}`;
    if (this.known.has(name) || this.waiting.length >= WAITING_MAX) return;
    if (this.known.size >= KNOWN_MAX) this.known.clear();
    this.known.add(name);
    this.waiting.push(this.letterOf(entry));
  }

  /** Tries again until the database has all of it. */
  private async work(): Promise<void> {
    while (this.isWanted && !this.stopped) {
      try {
        for (let letter = this.waiting[0]; letter; letter = this.waiting[0]) {
          await this.options.bury(letter);
          this.waiting.shift();
          const error = new StrayEntry(letter.body.length);
          this.options.onEvent({ kind: 'dead', ...this.options.place, position: letter.position, error });
        }
        this.isWanted = false;
        await this.options.wantRewind(this.options.place);
      } catch (error) {
        this.isWanted = true;
        this.options.onEvent({ kind: 'failed', error });
        await this.wake.wait(AGAIN_MS);
      }
    }
  }

  private letterOf({ position, body, isEscaped = false }: Entry): Burial {
    const { consumer, place } = this.options;
    const { topic, partition } = place;
    const isLong = body.length > BODY_MAX;
    const event = isLong ? undefined : itemOf({ position, body, isEscaped }, topic, partition).received?.event;
    const { name: code, message: error } = new StrayEntry(body.length);
    return {
      consumer, topic, partition, position, eventId: event?.id ?? null, type: event?.type ?? null, key: event?.key ?? null,
      body: isLong ? body.slice(0, BODY_MAX) : body, isEscaped, isStray: true, code, error, attempts: 1,
    };
  }
}
