import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Pipeline } from '@aisle/contracts';
import { Connections, httpStatusOf, type OpsAccess } from '@aisle/platform';
import { isFailure, type Runtime } from '@aisle/std';
import { tableOf } from './table.ts';

/** The data that a `LiveServer` shows. */
export interface LiveServerOptions {
  readonly runtime: Runtime;
  /** Decides whether a request may see the page. */
  readonly access: Pick<OpsAccess, 'check'>;
  /** Reads the pipeline of a name. */
  read(name: string): Promise<Pipeline>;
  /** Reads the health of the process. */
  readiness(): Promise<{ readonly ready: boolean }>;
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
}

const INTERVAL_MS = 1_000;
const STREAMS_MAX = 100;
const STREAM = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', connection: 'close' };
const MALFORMED = 'HTTP/1.1 400 \r\nconnection: close\r\ncontent-length: 0\r\n\r\n';
const PAGE = `<!doctype html><title>Aisle: producer-consumer</title>
<style>body { background: #111; color: #ddd; margin: 2em } pre { font: 14px/1.5 monospace }</style>
<pre id="table">loading</pre>
<script>
  const table = document.getElementById('table');
  const events = new EventSource('/live' + location.search);
  events.onmessage = ({ data }) => { table.textContent = JSON.parse(data).join('\\n'); };
  events.onerror = () => { table.textContent += '\\n\\nconnection lost, reconnecting'; };
</script>
`;

/**
 * Serves a live table of a pipeline as a page (`/`) and as server-sent events (`/live`), with health and metrics on the same port.
 * `?pipeline=` selects another pipeline than `default`. It is read-only, and shows nothing to web pages of other origins.
 */
export class LiveServer {
  private readonly server: Server;
  private readonly connections: Connections;
  private streams = 0;

  constructor(private readonly options: LiveServerOptions) {
    this.connections = new Connections(options.runtime, () => MALFORMED);
    this.server = this.connections.createServer({}, (request, response) => void this.answer(request, response));
  }

  /** Resolves with the port once it listens. Rejects with `EADDRINUSE` if the port is taken. */
  async listen(port: number, host: string): Promise<number> {
    this.server.listen(port, host);
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    await this.connections.drain();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const name = searchParams.get('pipeline') ?? 'default';
    try {
      if (pathname === '/health/live') return sendJson(response, 200, { status: 'live' });
      if (pathname === '/health/ready') {
        const readiness = await this.options.readiness();
        return sendJson(response, readiness.ready ? 200 : 503, readiness);
      }
      if (pathname === '/metrics') {
        const { type, text } = await this.options.metrics();
        return send(response, 200, type, text);
      }
      this.options.access.check(request.headers);
      if (pathname === '/') return send(response, 200, 'text/html; charset=utf-8', PAGE);
      if (pathname === '/live') return this.stream(name, response);
      sendJson(response, 404, { routes: ['/', '/live', '/health/live', '/health/ready', '/metrics'] });
    } catch (error) {
      if (isFailure(error)) {
        // A browser asks its user for the key then.
        if (error.kind === 'unauthorized') response.setHeader('www-authenticate', 'Basic realm="aisle", charset="UTF-8"');
        return sendJson(response, httpStatusOf(error), { code: error.code, detail: error.message });
      }
      sendJson(response, 500, { status: 'something went wrong here' });
    }
  }

  private stream(name: string, response: ServerResponse): void {
    if (this.streams >= STREAMS_MAX) return sendJson(response, 503, { streamsMax: STREAMS_MAX });
    response.writeHead(200, STREAM);
    if (response.req.method === 'HEAD') return void response.end();
    this.streams += 1;
    const { runtime, read } = this.options;
    let isReading = false;
    const show = async (): Promise<void> => {
      // Nothing is written to a client that does not read.
      if (isReading || response.writableNeedDrain) return;
      isReading = true;
      const lines = await read(name).then(tableOf, (failure: unknown) => [
        `no figures: ${isFailure(failure) ? failure.message : 'something went wrong here'}`,
      ]);
      isReading = false;
      if (!response.writableEnded) response.write(`data: ${JSON.stringify(lines)}\n\n`);
    };
    const timer = runtime.timers.every(INTERVAL_MS, () => void show(), { background: true });
    response.once('close', () => {
      timer.cancel();
      this.streams -= 1;
    });
    this.connections.endWith(response, () => response.end());
    void show();
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(body));
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type }).end(text);
}
