import type { ServerResponse } from 'node:http';
import type { Runtime, Timer } from '@aisle/std';

/** One event of a stream. */
export interface StreamEvent {
  readonly id: number;
  readonly event: string;
  readonly data: unknown;
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};
const POLL_MS = 1_000;
/** Proxies end connections on which nothing is said; and a client that is gone is found out by writing to it. */
const HEARTBEAT_MS = 5_000;

/**
 * Server-sent events (WHATWG HTML, 9.2) by asking for them once a second. Nothing is kept here: while a client does not
 * read what it was sent, nobody is asked, and what it misses meanwhile is the asked one's to remember.
 */
export class EventStream {
  private timer: Timer | undefined;
  private quietMs = 0;
  private isOver = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly runtime: Runtime,
    /** What has happened since it was asked last. */
    private readonly ask: () => Promise<readonly StreamEvent[]>,
  ) {}

  /** Resolves when the client is gone, the stream was ended, or `ask` throws since there is nothing more to stream. */
  async run(first: readonly StreamEvent[]): Promise<void> {
    const { response } = this;
    response.writeHead(200, HEADERS);
    // An answer to HEAD has no body, so Node would send its head with the first byte of none.
    if (response.req.method === 'HEAD') return void response.end();
    response.write('retry: 2000\n\n');
    response.once('close', () => this.end());
    try {
      for (let events = first; !this.isOver; events = await this.next()) await this.send(events);
    } finally {
      response.end();
    }
  }

  /** The client comes back as soon as it was told to by `retry`, and elsewhere if this process is about to end. */
  end(): void {
    this.isOver = true;
    this.timer?.cancel();
    this.goOn();
  }

  private goOn: () => void = () => undefined;

  private async next(): Promise<readonly StreamEvent[]> {
    await new Promise<void>((resolve) => {
      this.goOn = resolve;
      if (this.isOver) resolve();
      else this.timer = this.runtime.timers.after(POLL_MS, resolve, { background: true });
    });
    return this.isOver ? [] : this.ask();
  }

  private async send(events: readonly StreamEvent[]): Promise<void> {
    this.quietMs = events.length > 0 ? 0 : this.quietMs + POLL_MS;
    const isQuiet = this.quietMs >= HEARTBEAT_MS;
    if (isQuiet) this.quietMs = 0;
    const text = isQuiet ? ': still here\n\n' : events.map(frameOf).join('');
    if (text === '' || this.isOver || this.response.write(text)) return;
    await new Promise<void>((resolve) => {
      this.goOn = resolve;
      this.response.once('drain', resolve);
    });
  }
}

/** JSON has no line breaks outside of strings, and none in them. */
function frameOf({ id, event, data }: StreamEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
