import { createServer, type RequestListener, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Runtime, Timer } from '@aisle/std';

interface Connection {
  /** Responses that are not finished yet, in the order of their requests. */
  readonly open: Set<ServerResponse>;
  /** The response that bears `Connection: close`. */
  last?: ServerResponse;
  /** Bytes received when the last request was finished. Further bytes are the beginning of a request. */
  bytesAtRest: number;
  /** The answer to input that is not HTTP. It is written after the answers to the requests before it. */
  refusal?: string;
}

/** Time limits of a drain. */
export interface DrainOptions {
  /** The server still listens for this long, because a load balancer takes time to notice that it is not ready. 0 unless given. */
  readonly listenMs?: number;
  /** An idle connection is kept for this long, because its client may be sending a request right now. 1 s unless given. */
  readonly idleMs?: number;
  /** A request without an answer after this time is cut off. 15 s unless given. */
  readonly answerWithinMs?: number;
}

const IDLE_MS = 1_000;
/** Longer than the longest deadline of a command, and well below the time that a process has to stop. */
const ANSWER_WITHIN_MS = 15_000;

/**
 * Tracks the connections of HTTP servers, so that a server stops without cutting off an answer. `http.Server.close` cannot do
 * that: it closes a connection on which a request is just arriving. Answers stay in the order of the requests, also when one of
 * these is not HTTP.
 */
export class Connections {
  private readonly servers: Server[] = [];
  private readonly connections = new Map<Socket, Connection>();
  private readonly endless = new Map<ServerResponse, () => void>();
  private state: 'serving' | 'draining' | 'closing' = 'serving';
  private changed = (): void => undefined;

  /** `refusalOf` returns the whole HTTP answer to input that Node could not parse as a request. */
  constructor(
    private readonly runtime: Runtime,
    private readonly refusalOf: (error: NodeJS.ErrnoException) => string,
  ) {}

  /** Creates a server whose connections are tracked here. */
  createServer(options: ServerOptions, listener: RequestListener): Server {
    const take: RequestListener = (request, response) => {
      if (this.admit(request.socket, response)) listener(request, response);
    };
    const server = createServer(options, take);
    // Without a listener, Node answers without a body.
    server.on('checkExpectation', take);
    // A client may close its half of the connection after its request and still expects the answer.
    (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
    server.on('connection', (socket) => this.add(socket));
    server.on('clientError', (error, socket) => this.refuse(error, socket as Socket));
    this.servers.push(server);
    return server;
  }

  /** Registers a response that never ends by itself, such as a stream. A drain calls `end` once all other requests are answered. */
  endWith(response: ServerResponse, end: () => void): void {
    this.endless.set(response, end);
    if (this.state === 'closing') this.changed();
  }

  /**
   * Stops listening, and resolves once every request is answered and every connection is closed. Answers from now on bear
   * `Connection: close`. Resolves with the number of requests that took too long and were cut off.
   */
  async drain({ listenMs = 0, idleMs = IDLE_MS, answerWithinMs = ANSWER_WITHIN_MS }: DrainOptions = {}): Promise<number> {
    this.state = 'draining';
    for (const connection of this.connections.values()) this.markLast(connection);
    if (listenMs > 0) await this.until(() => false, listenMs);
    // The `close` of `http.Server` would close idle connections as well.
    for (const server of this.servers) NetServer.prototype.close.call(server);
    await this.until(() => this.connections.size === 0, idleMs);
    this.state = 'closing';
    for (const [socket, connection] of this.connections) this.closeWhenIdle(socket, connection);
    await this.until(() => this.underWay().every((response) => this.endless.has(response)), answerWithinMs);
    for (const end of [...this.endless.values()]) end();
    await this.until(() => this.underWay().length === 0, answerWithinMs / 2);
    const cut = this.underWay().length;
    // The last bytes of an answer may still be on their way to the client.
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

  /** Returns false for a request after the last one: `Connection: close` has told its client that it is not read. */
  private admit(socket: Socket, response: ServerResponse): boolean {
    const connection = this.connections.get(socket);
    if (!connection) return true;
    if (connection.last && connection.open.has(connection.last)) {
      if (connection.last.headersSent) return false;
      connection.last.setHeader('connection', 'keep-alive');
    }
    connection.open.add(response);
    if (this.state !== 'serving') this.markLast(connection);
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

  private markLast(connection: Connection): void {
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
    // The unreadable input may be the body of an open request. That request is refused, unless its answer has begun.
    if ([...open].some(({ headersSent }) => headersSent)) socket.destroy();
    else socket.end(refusal);
  }

  private underWay(): ServerResponse[] {
    return [...this.connections].flatMap(([, { open }]) => [...open]);
  }

  /** Resolves once the condition holds, or the time is over. */
  private async until(isMet: () => boolean, withinMs: number): Promise<void> {
    let late: Timer | undefined;
    await new Promise<void>((resolve) => {
      late = this.runtime.timers.after(withinMs, resolve, { background: true });
      this.changed = () => isMet() && resolve();
      this.changed();
    });
    late?.cancel();
    this.changed = () => undefined;
  }
}
