import { createServer, type RequestListener, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Runtime, Timer } from '@aisle/std';

interface Connection {
  /** Not answered to the end yet, in the order in which they came. */
  readonly open: Set<ServerResponse>;
  /** The answer that says `Connection: close`. */
  last?: ServerResponse;
  /** Bytes that had come in when nothing was under way. More of them are the begin of a request. */
  bytesAtRest: number;
  /** Answers what could not be read. Written after all that came before it. */
  refusal?: string;
}

/** How a server ends. */
export interface DrainOptions {
  /** For so long it still listens, because a load balancer takes that long to see that it is not ready. */
  readonly listenMs?: number;
  /** For so long a connection without a request is kept, because its client may be sending one right now. */
  readonly idleMs?: number;
  /** A request that has no answer by then is cut off. */
  readonly answerWithinMs?: number;
}

const IDLE_MS = 1_000;
/** Longer than the longest deadline of a command, and well below the time that a process has to end. */
const ANSWER_WITHIN_MS = 15_000;

/**
 * The connections of HTTP servers, which let them end without cutting off an answer: `http.Server.close` closes a connection
 * on which a request is just arriving. Also keeps answers in the order of their requests when one of these is not HTTP.
 */
export class Connections {
  private readonly servers: Server[] = [];
  private readonly connections = new Map<Socket, Connection>();
  private readonly endless = new Map<ServerResponse, () => void>();
  private state: 'serving' | 'draining' | 'closing' = 'serving';
  private changed = (): void => undefined;

  /** `refusalOf` gives the whole answer to what Node could not read as a request. */
  constructor(
    private readonly runtime: Runtime,
    private readonly refusalOf: (error: NodeJS.ErrnoException) => string,
  ) {}

  /** A server of which the connections belong here. */
  createServer(options: ServerOptions, listener: RequestListener): Server {
    const server = createServer(options, (request, response) => {
      if (this.admit(request.socket, response)) listener(request, response);
    });
    // A client may close its half of the connection once it has sent its request, and still wants the answer.
    (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
    server.on('connection', (socket) => this.add(socket));
    server.on('clientError', (error, socket) => this.refuse(error, socket as Socket));
    this.servers.push(server);
    return server;
  }

  /** An answer without an end of its own, such as a stream. `end` is called once all other requests are answered. */
  endWith(response: ServerResponse, end: () => void): void {
    this.endless.set(response, end);
    if (this.state === 'closing') this.changed();
  }

  /**
   * Stops listening, and resolves once every request is answered and every connection closed. What is answered from now on
   * says `Connection: close`. Resolves with the number of requests that were cut off, since they took too long.
   */
  async drain({ listenMs = 0, idleMs = IDLE_MS, answerWithinMs = ANSWER_WITHIN_MS }: DrainOptions = {}): Promise<number> {
    this.state = 'draining';
    for (const connection of this.connections.values()) this.sayLast(connection);
    if (listenMs > 0) await this.until(() => false, listenMs);
    // Of `http.Server`, this would close idle connections as well.
    for (const server of this.servers) NetServer.prototype.close.call(server);
    await this.until(() => this.connections.size === 0, idleMs);
    this.state = 'closing';
    for (const [socket, connection] of this.connections) this.closeWhenIdle(socket, connection);
    await this.until(() => this.underWay().every((response) => this.endless.has(response)), answerWithinMs);
    for (const end of [...this.endless.values()]) end();
    await this.until(() => this.underWay().length === 0, answerWithinMs / 2);
    const cut = this.underWay().length;
    // The last bytes of an answer are on their way to the client.
    await this.until(() => this.connections.size === cut, idleMs);
    for (const socket of this.connections.keys()) socket.destroy();
    this.state = 'serving';
    return cut;
  }

  private add(socket: Socket): void {
    this.connections.set(socket, { open: new Set(), bytesAtRest: 0 });
    socket.once('close', () => {
      this.connections.delete(socket);
      this.changed();
    });
  }

  /** False for a request after the last one: its client was told that it is not read. */
  private admit(socket: Socket, response: ServerResponse): boolean {
    const connection = this.connections.get(socket);
    if (!connection) return true;
    if (connection.last && connection.open.has(connection.last)) {
      if (connection.last.headersSent) return false;
      connection.last.setHeader('connection', 'keep-alive');
    }
    connection.open.add(response);
    if (this.state !== 'serving') this.sayLast(connection);
    response.once('close', () => {
      connection.open.delete(response);
      this.endless.delete(response);
      if (connection.open.size === 0) connection.bytesAtRest = socket.bytesRead;
      this.answerRefused(socket, connection);
      if (this.state === 'closing') this.closeWhenIdle(socket, connection);
      this.changed();
    });
    return true;
  }

  private sayLast(connection: Connection): void {
    const last = [...connection.open].at(-1);
    if (!last || last.headersSent) return;
    last.setHeader('connection', 'close');
    connection.last = last;
  }

  private closeWhenIdle(socket: Socket, { open, bytesAtRest }: Connection): void {
    if (open.size === 0 && socket.bytesRead === bytesAtRest) socket.destroySoon();
  }

  private refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    const connection = this.connections.get(socket);
    if (!connection || error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    connection.refusal ??= this.refusalOf(error);
    this.answerRefused(socket, connection);
  }

  private answerRefused(socket: Socket, { open, refusal }: Connection): void {
    const before = [...open].some(({ req }) => req.complete);
    if (before || refusal === undefined || !socket.writable) return;
    // A request whose own body could not be read is refused itself, unless its answer has begun.
    if ([...open].some(({ headersSent }) => headersSent)) socket.destroy();
    else socket.end(refusal);
  }

  private underWay(): ServerResponse[] {
    return [...this.connections].flatMap(([, { open }]) => [...open]);
  }

  /** Resolves once it is so, or the time is over. */
  private async until(isSo: () => boolean, withinMs: number): Promise<void> {
    let late: Timer | undefined;
    await new Promise<void>((resolve) => {
      late = this.runtime.timers.after(withinMs, resolve, { background: true });
      this.changed = () => isSo() && resolve();
      this.changed();
    });
    late?.cancel();
    this.changed = () => undefined;
  }
}
