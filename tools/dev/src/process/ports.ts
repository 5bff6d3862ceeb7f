import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ownIdentity } from './identity.ts';
import { claimLock } from './lock.ts';

const PORTS_TRIED_MAX = 200;

/** True when nothing listens on the port, on whatever address `localhost` may mean. */
async function isPortFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0', '::1']) {
    if (!(await canListen(port, host))) return false;
  }
  return true;
}

/**
 * The first free port from `from` upwards, kept for this process against every other one that asks
 * with the same folder: an app binds its port only seconds after it was chosen.
 */
export async function reservePort(folder: string, from: number): Promise<number> {
  for (let port = from; port < from + PORTS_TRIED_MAX; port++) {
    const reservations = join(folder, String(port));
    mkdirSync(reservations, { recursive: true });
    if ((await isPortFree(port)) && claimLock(reservations, ownIdentity())) return port;
  }
  throw new Error(`no free port from ${from} upwards`);
}

/** `preferred` when it is free, else a free one below the range of outgoing connections. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isPortFree(preferred))) return preferred;
  for (let tried = 0; tried < PORTS_TRIED_MAX; tried++) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isPortFree(port)) return port;
  }
  throw new Error('no free port between 20000 and 30000');
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // A machine without IPv6 has nothing that could listen there.
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
