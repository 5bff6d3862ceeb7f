import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { eventually } from '@aisle/std/testing';
import { TcpProxy } from './tcp-proxy.ts';

describe('TcpProxy', () => {
  let server: Server;
  let proxy: TcpProxy;
  let atServer: string;
  let served: Socket[];

  beforeEach(async () => {
    atServer = '';
    served = [];
    server = createServer((socket) => {
      served.push(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        atServer += chunk.toString();
        socket.write(`<${chunk.toString()}>`);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = new TcpProxy(new URL(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`));
    await proxy.open();
  });

  afterEach(async () => {
    await proxy.close();
    server.close();
  });

  it('passes everything on until told otherwise', async () => {
    const client = await connected();

    client.socket.write('hello');

    await eventually(() => client.received() === '<hello>');
  });

  it('holds back what the client sends, and lets it go on later', async () => {
    const client = await connected();
    proxy.block('to-server');
    client.socket.write('late');
    served[0]?.write('to the client');
    await eventually(() => client.received() === 'to the client');
    expect(atServer).toBe('');

    proxy.unblock();

    await eventually(() => atServer === 'late');
  });

  it('holds back what the server sends, on new connections too', async () => {
    proxy.block('to-client');
    const client = await connected();

    client.socket.write('hello');
    await eventually(() => atServer === 'hello');
    expect(client.received()).toBe('');

    proxy.unblock();
    await eventually(() => client.received() === '<hello>');
  });

  it('ends connections after a number of bytes, in the middle of a message', async () => {
    const client = await connected();
    proxy.cutAfter(4);

    client.socket.write('hello');

    await once(client.socket, 'close');
    expect(client.received()).toBe('<hel');
    await connected();
  });

  it('delays both ways, and keeps the order', async () => {
    const client = await connected();
    proxy.delay(20);
    client.socket.write('one');
    await eventually(() => atServer === 'one');

    proxy.unblock();
    client.socket.write('two');

    await eventually(() => client.received() === '<one><two>');
  });

  async function connected(): Promise<{ socket: Socket; received: () => string }> {
    const { hostname, port } = new URL(proxy.url);
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString()));
    socket.on('error', () => {});
    await once(socket, 'connect');
    await eventually(() => served.length > 0);
    return { socket, received: () => received };
  }
});
