/**
 * A bounded map that forgets entries not used recently, in two generations. When the young one is full it becomes the
 * old one. Entries that are not used again before the next change are dropped. A hit on a young entry is one look-up
 * and moves nothing. Holds at most `entriesMax`.
 */
export class Memo<V> {
  private readonly generationMax: number;
  private young = new Map<string, V>();
  private old = new Map<string, V>();

  constructor(entriesMax: number) {
    this.generationMax = Math.max(1, Math.floor(entriesMax / 2));
  }

  get(key: string): V | undefined {
    const found = this.young.get(key);
    if (found !== undefined) return found;
    const aged = this.old.get(key);
    if (aged !== undefined) this.set(key, aged);
    return aged;
  }

  set(key: string, value: V): void {
    if (this.young.size >= this.generationMax && !this.young.has(key)) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, value);
  }

  /** Counts an entry twice while both generations hold it. */
  get size(): number {
    return this.young.size + this.old.size;
  }
}
