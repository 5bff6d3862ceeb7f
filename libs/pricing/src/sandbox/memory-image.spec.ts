import { MemoryImage } from './memory-image.ts';

const BLOCK = 64 * 1024;

describe('MemoryImage', () => {
  it('resets a memory to the byte', () => {
    const memory = new Uint8Array(4 * BLOCK);
    memory.set([1, 2, 3], BLOCK + 10);
    const before = memory.slice();
    const image = MemoryImage.of(memory);

    memory.set([9, 9, 9], 5);
    memory.set([7], BLOCK + 11);
    memory.fill(255, 3 * BLOCK);
    image.restore(memory);

    expect(Buffer.compare(memory, before)).toBe(0);
  });

  it('completes a memory that equals its beginning', () => {
    const image = MemoryImage.of(memoryOf(1));
    const other = memoryOf(0);

    image.complete(other);

    expect(Buffer.compare(other, memoryOf(1))).toBe(0);
  });

  it('lies in a shared memory, for all threads', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(2 * BLOCK));
    MemoryImage.of(memoryOf(1)).complete(shared);
    const other = memoryOf(0);

    MemoryImage.in(shared).complete(other);

    expect(Buffer.compare(other, memoryOf(1))).toBe(0);
  });

  it('resets another memory with the same beginning', () => {
    const image = MemoryImage.of(memoryOf(1));
    const other = memoryOf(1);

    other.fill(3);
    image.restore(other);

    expect(Buffer.compare(other, memoryOf(1))).toBe(0);
  });
});

function memoryOf(value: number): Uint8Array {
  const memory = new Uint8Array(2 * BLOCK);
  memory[BLOCK] = value;
  return memory;
}
