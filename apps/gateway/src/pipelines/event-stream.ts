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
  'x-content-type-options': 'nosniff',
  'x-accel-buffering': 'no',
};
const POLL_MS = 1_000;
/** Time without events after which a comment is sent. Proxies close silent connections, and only a write shows that a client is gone. */
const HEARTBEAT_MS = 5_000;

/**
 * Streams server-sent events (WHATWG HTML, 9.2), for which it polls once a second. It buffers nothing: while a client does not
 * read, it does not poll either, and the source has to keep the events.
 */
export class EventStream {
  private timer: Timer | undefined;
  private quietMs = 0;
  private isOver = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly runtime: Runtime,
    /** Resolves with the events since the last call. */
    private readonly poll: () => Promise<readonly StreamEvent[]>,
  ) {}

  /** Resolves when the client is gone or the stream was ended. Rejects with the error of `poll`, after ending the response. */
  async run(first: readonly StreamEvent[]): Promise<void> {
    const { response } = this;
    response.writeHead(200, HEADERS);
    // A response to HEAD has no body, so Node would never send its head by itself.
    if (response.req.method === 'HEAD') return void response.end();
    response.write('retry: 2000\n\n');
    response.once('close', () => this.end());
    try {
      for (let events = first; !this.isOver; events = await this.next()) await this.send(events);
    } finally {
      response.end();
    }
  }

  /** Ends the stream. The client reconnects after `retry`, to another process if this one is stopping. */
  end(): void {
    this.isOver = true;
    this.timer?.cancel();
    this.wake();
  }

  private wake: () => void = () => undefined;

  private async next(): Promise<readonly StreamEvent[]> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      if (this.isOver) resolve();
      else this.timer = this.runtime.timers.after(POLL_MS, resolve, { background: true });
    });
    return this.isOver ? [] : this.poll();
  }

  private async send(events: readonly StreamEvent[]): Promise<void> {
    this.quietMs = events.length > 0 ? 0 : this.quietMs + POLL_MS;
    const isQuiet = this.quietMs >= HEARTBEAT_MS;
    if (isQuiet) this.quietMs = 0;
    const text = isQuiet ? ': still here\n\n' : events.map(frameOf).join('');
    if (text === '' || this.isOver || this.response.write(text)) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      this.response.once('drain', resolve);
    });
  }
}

/** The text of an event. `JSON.stringify` writes no line breaks, so the data is one line. */
function frameOf({ id, event, data }: StreamEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
