/** Something that happened, with the virtual time at which it did. */
export interface LoggedEvent {
  readonly atMs: number;
  /** Whose it is; none for the world's own. */
  readonly process: string | undefined;
  readonly text: string;
}

const EVENTS_MAX = 1_000;

/** The last thousand events of a world: as long as it runs, its memory does not grow. */
export class EventLog {
  private readonly ring: LoggedEvent[] = [];
  private count = 0;

  add(event: LoggedEvent): void {
    this.ring[this.count % EVENTS_MAX] = event;
    this.count += 1;
  }

  /** The last events, oldest first, a line each. */
  last(count: number): string[] {
    const start = this.count % EVENTS_MAX;
    const inOrder = this.count > EVENTS_MAX
      ? [...this.ring.slice(start), ...this.ring.slice(0, start)]
      : this.ring;
    return inOrder.slice(-count).map(lineOf);
  }
}

function lineOf({ atMs, process, text }: LoggedEvent): string {
  return `${atMs.toFixed(3).padStart(10)} ms  ${process === undefined ? '' : `${process}: `}${text}`;
}
