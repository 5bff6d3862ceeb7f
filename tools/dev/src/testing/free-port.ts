import { reservePort } from '../process/ports.ts';

/**
 * A port for an app under test: nobody listens on it, and nobody else who asks here is given it while this
 * process lives. Below those of servers (20000 and more) and of outgoing connections.
 */
export function freePort(): Promise<number> {
  return reservePort(10_000 + Math.floor(Math.random() * 9_000));
}
