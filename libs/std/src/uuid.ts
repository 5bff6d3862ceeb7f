import type { Runtime } from './runtime.ts';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const POOL_BYTES = 10 * 256;
const pools = new WeakMap<object, { bytes: Uint8Array; used: number }>();

/**
 * A UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 74 random bits, so
 * ids sort by the time of their making. Randomness is drawn in blocks: an id costs no system call.
 */
export function uuidv7(runtime: Pick<Runtime, 'clock' | 'random'>): string {
  let pool = pools.get(runtime.random);
  if (!pool || pool.used + 10 > pool.bytes.length) {
    pool = { bytes: runtime.random.bytes(POOL_BYTES), used: 0 };
    pools.set(runtime.random, pool);
  }
  const at = pool.used;
  pool.used += 10;
  const random = (index: number): number => pool.bytes[at + index] as number;
  const hex = (byte: number): string => HEX[byte] as string;

  const stamp = Math.floor(runtime.clock.nowMs()).toString(16).padStart(12, '0');
  const version = hex(0x70 | (random(0) & 0x0f)) + hex(random(1));
  const variant = hex(0x80 | (random(2) & 0x3f)) + hex(random(3));
  let node = '';
  for (let index = 4; index < 10; index += 1) node += hex(random(index));
  return `${stamp.slice(0, 8)}-${stamp.slice(8)}-${version}-${variant}-${node}`;
}
