import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownIdentity } from './identity.ts';
import { claimLock } from './lock.ts';

const PORTS_TRIED_MAX = 200;

/**
 * Reservations of ports by any launcher or test of this user, in whatever folder: two that look at the same moment find the
 * same ports free.
 */
const RESERVATIONS = join(tmpdir(), `aisle-ports-${process.getuid?.() ?? 'user'}`);

/** True when nothing listens on the port, on whatever address `localhost` may mean. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0', '::1']) {
    if (!(await canListen(port, host))) return false;
  }
  return true;
}

/**
 * The first free port from `from` upwards, kept for this process against every other one that asks here: an app binds its
 * port only seconds after it was chosen.
 */
export async function reservePort(from: number): Promise<number> {
  for (let port = from; port < from + PORTS_TRIED_MAX; port++) {
    if (await reserve(port)) return port;
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

async function reserve(port: number): Promise<boolean> {
  const reservations = join(RESERVATIONS, String(port));
  mkdirSync(reservations, { recursive: true });
  return (await isPortFree(port)) && claimLock(reservations, ownIdentity()) !== undefined;
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
