import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** Stands between a client and a server on loopback, and breaks what goes through it. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private port = 0;
  private isSilent = false;

  constructor(private readonly target: URL) {
    this.server = createServer((client) => this.join(client));
  }

  /** Where to connect instead. */
  get url(): string {
    const here = { hostname: '127.0.0.1', port: String(this.port) };
    return Object.assign(new URL(this.target), here).href;
  }

  /** Listens, after `close` on the same port again. */
  async open(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    ({ port: this.port } = this.server.address() as AddressInfo);
  }

  /** Ends every connection, whatever is under way on it; new ones go through. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Nothing goes through any more, and nobody is told. Connections made afterwards are fine. */
  silence(): void {
    for (const socket of this.sockets) socket.unpipe();
  }

  /** Accepts connections and never answers, as a paused server does; undone by `heal`. */
  pause(): void {
    this.isSilent = true;
    this.silence();
  }

  heal(): void {
    this.isSilent = false;
    this.cut();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    const server = connect(Number(this.target.port || 6379), this.target.hostname);
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    if (this.isSilent) return;
    client.pipe(server);
    server.pipe(client);
  }
}
