const BLOCK_BYTES = 64 * 1024;
const ZEROS = new Uint8Array(BLOCK_BYTES);

/**
 * The bytes of a memory at one moment, used to reset it. A pool thereby gets clean instances; Wasmtime's pooling
 * allocator does the same with pages.
 */
export class MemoryImage {
  private readonly blocks: readonly Uint8Array[];

  /** Keeps the blocks by reference. */
  private constructor(blocks: readonly Uint8Array[]) {
    this.blocks = blocks.map((block) => isSame(block, ZEROS) ? ZEROS : block);
  }

  /** The present bytes of a memory. */
  static of(memory: Uint8Array): MemoryImage {
    return new MemoryImage(blocksOf(memory).map((block) => isSame(block, ZEROS) ? ZEROS : block.slice()));
  }

  /** An image that lies in another memory, which must not change any more. */
  static in(memory: Uint8Array): MemoryImage {
    return new MemoryImage(blocksOf(memory));
  }

  /** Completes a memory that holds a prefix of the same bytes, and zeros otherwise. */
  complete(memory: Uint8Array): void {
    blocksOf(memory).forEach((block, index) => {
      const was = this.blocks[index] as Uint8Array;
      if (was !== ZEROS) block.set(was);
    });
  }

  /** Writes only changed pages, so that untouched pages do not become part of the process. */
  restore(memory: Uint8Array): void {
    blocksOf(memory).forEach((block, index) => {
      const was = this.blocks[index] as Uint8Array;
      if (!isSame(block, was)) block.set(was);
    });
  }
}

function blocksOf(memory: Uint8Array): Uint8Array[] {
  const count = memory.length / BLOCK_BYTES;
  return Array.from({ length: count }, (_, index) =>
    memory.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES));
}

function isSame(block: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(block, other) === 0;
}
