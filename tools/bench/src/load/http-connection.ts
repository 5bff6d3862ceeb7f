import { connect, type Socket } from 'node:net';

/** A server's address; always on loopback here. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** The key of a server that checks one. */
  readonly key?: string;
}

export interface HttpReply {
  readonly status: number;
  /** Kept only for a `get`, and for any status but 2xx. */
  readonly body: string;
}

/** The connection ended with a request on it, so the effect is unknown. */
export class ConnectionLost extends Error {}

// Every socket of the process reads into this buffer; libuv passes it on within the read itself.
const sharedReadBuffer = Buffer.allocUnsafe(64 * 1024);
const HEAD_END = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = 'content-length: ';

/**
 * One HTTP/1.1 keep-alive connection with one request in flight, and nothing else. The load generator shares two cores
 * with the measured system, so it must be cheap. It reads replies with a Content-Length, as all carts send them.
 */
export class HttpConnection {
  readonly #address: Address;
  #socket: Socket | undefined;
  #pending: { settle: (reply: HttpReply) => void; fail: (error: Error) => void } | undefined;
  #keepBody = false;
  /** The start of an incomplete reply; most replies come in one piece. */
  #partial: Buffer | undefined;

  constructor(address: Address) {
    this.#address = address;
  }

  get(path: string): Promise<HttpReply> {
    return this.#send(getRequest(this.#address, path), true);
  }

  /** Sends prepared bytes of a request; see `postRequest`. ASCII only. */
  send(request: string): Promise<HttpReply> {
    return this.#send(request, false);
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #send(request: string, keepBody: boolean): Promise<HttpReply> {
    return new Promise((settle, fail) => {
      this.#pending = { settle, fail };
      this.#keepBody = keepBody;
      this.#socket ??= this.#open();
      this.#socket.write(request, 'latin1');
    });
  }

  #open(): Socket {
    const socket = connect({
      ...this.#address,
      noDelay: true,
      onread: {
        buffer: sharedReadBuffer,
        callback: (length, buffer) => this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, length)),
      },
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket === socket) this.#lose();
    });
    return socket;
  }

  #lose(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#socket = undefined;
    this.#partial = undefined;
    pending?.fail(new ConnectionLost('the connection closed before the reply was complete'));
  }

  #read(arrived: Buffer): boolean {
    const bytes = this.#partial ? Buffer.concat([this.#partial, arrived]) : arrived;
    const headEnd = bytes.indexOf(HEAD_END);
    const head = headEnd < 0 ? '' : bytes.toString('latin1', 0, headEnd);
    const bodyStart = headEnd + HEAD_END.length;
    const bodyEnd = bodyStart + bodyLength(head);
    if (headEnd < 0 || bytes.length < bodyEnd) {
      // The next read overwrites the shared buffer.
      this.#partial = this.#partial ? bytes : Buffer.from(bytes);
      return true;
    }
    this.#partial = undefined;
    const status = Number(head.slice(9, 12));
    const keep = this.#keepBody || status >= 300;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.settle({ status, body: keep ? bytes.toString('utf8', bodyStart, bodyEnd) : '' });
    return true;
  }
}

/** The bytes of a POST with a JSON body. */
export function postRequest(address: Address, path: string, body: string, headers = ''): string {
  return (
    `POST ${path} HTTP/1.1\r\n${headOf(address)}content-type: application/json\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`
  );
}

/** The bytes of a GET. */
export function getRequest(address: Address, path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\n${headOf(address)}${headers}\r\n`;
}

function headOf({ host, key }: Address): string {
  return `host: ${host}\r\n${key === undefined ? '' : `authorization: Bearer ${key}\r\n`}`;
}

function bodyLength(head: string): number {
  let at = head.indexOf(CONTENT_LENGTH);
  if (at < 0) at = head.toLowerCase().indexOf(CONTENT_LENGTH);
  return at < 0 ? 0 : Number.parseInt(head.slice(at + CONTENT_LENGTH.length), 10);
}
