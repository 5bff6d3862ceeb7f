import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownIdentity } from './identity.ts';
import { claimLock } from './lock.ts';

const PORTS_TRIED_MAX = 200;

/**
 * Port reservations of all launchers and tests of this user, in any folder: two that look at the same moment find the
 * same ports free.
 */
const RESERVATIONS = join(tmpdir(), `aisle-ports-${process.getuid?.() ?? 'user'}`);

/** Ports above 1023 that browsers and `fetch` refuse to connect to (the Fetch standard's "bad ports"). */
const REFUSED_BY_FETCH = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080,
]);

/** True if nothing listens on the port, on any address of `localhost`. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0', '::1']) {
    if (!(await canListen(port, host))) return false;
  }
  return true;
}

/**
 * The first free port from `from` upwards that `fetch` can reach. It is reserved against every other process that asks
 * here, since an app binds its port only seconds later.
 */
export async function reservePort(from: number): Promise<number> {
  for (let port = from; port < from + PORTS_TRIED_MAX; port++) {
    if (await reserve(port)) return port;
  }
  throw new Error(`no free port from ${from} upwards`);
}

/** `preferred` if it is free, otherwise a free port below the range of outgoing connections. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isPortFree(preferred))) return preferred;
  for (let tried = 0; tried < PORTS_TRIED_MAX; tried++) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isPortFree(port)) return port;
  }
  throw new Error('no free port between 20000 and 30000');
}

async function reserve(port: number): Promise<boolean> {
  if (REFUSED_BY_FETCH.has(port)) return false;
  const reservations = join(RESERVATIONS, String(port));
  mkdirSync(reservations, { recursive: true });
  return (await isPortFree(port)) && claimLock(reservations, ownIdentity()) !== undefined;
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // Without IPv6 nothing can listen there.
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
