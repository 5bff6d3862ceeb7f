/** Spreads names over partitions, alike on every machine: FNV-1a, 32 bits. */
export function hashKey(key: string): number {
  let mixed = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) {
    mixed = Math.imul(mixed ^ key.charCodeAt(at), 0x01000193);
  }
  return mixed >>> 0;
}
