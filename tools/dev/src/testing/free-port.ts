import { reservePort } from '../process/ports.ts';

/**
 * A port for an app under test. Nobody listens on it, and no other caller gets it while this process lives. It is below
 * the ports of servers (20000 and more) and of outgoing connections.
 */
export function freePort(): Promise<number> {
  return reservePort(10_000 + Math.floor(Math.random() * 9_000));
}
