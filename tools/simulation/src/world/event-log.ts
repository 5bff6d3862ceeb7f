/** An event with its virtual time. */
export interface LoggedEvent {
  readonly atMs: number;
  /** The name of the process; undefined for an event of the world. */
  readonly process: string | undefined;
  readonly text: string;
}

const EVENTS_MAX = 1_000;

/** Keeps the last 1,000 events of a world, so that its memory does not grow with the length of the run. */
export class EventLog {
  private readonly ring: LoggedEvent[] = [];
  private count = 0;

  add(event: LoggedEvent): void {
    this.ring[this.count % EVENTS_MAX] = event;
    this.count += 1;
  }

  /** The last events, oldest first, one line each. */
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
