import type { Runtime } from './runtime.ts';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * A UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 74 random bits. Ids therefore sort by
 * creation time.
 */
export function uuidv7(runtime: Pick<Runtime, 'clock' | 'random'>): string {
  const random = runtime.random.bytes(10);
  const hex = (byte: number): string => HEX[byte] as string;
  const byteAt = (index: number): number => random[index] as number;

  const stamp = Math.floor(runtime.clock.nowMs()).toString(16).padStart(12, '0');
  const version = hex(0x70 | (byteAt(0) & 0x0f)) + hex(byteAt(1));
  const variant = hex(0x80 | (byteAt(2) & 0x3f)) + hex(byteAt(3));
  let node = '';
  for (let index = 4; index < 10; index += 1) node += hex(byteAt(index));
  return `${stamp.slice(0, 8)}-${stamp.slice(8)}-${version}-${variant}-${node}`;
}
