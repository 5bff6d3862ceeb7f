import { Readable } from 'node:stream';
import { Pace } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';
import { BodyTooLarge, linesOf } from './ndjson.ts';

const LIMITS = { lineBytesMax: 10, linesMax: 100 };

describe('linesOf', () => {
  it.each([
    ['one chunk', ['a\nbb\nccc']],
    ['a chunk for each byte', [...'a\nbb\nccc']],
    ['chunks that end with their line', ['a\n', 'bb\n', 'ccc\n']],
    ['blank lines', ['a\n\nbb\n  \r\nccc\n\n\t']],
  ])('yields the lines of %s', async (_what, chunks) => {
    const lines = await read(chunks);

    expect(lines.map(({ text }) => text)).toEqual(['a', 'bb', 'ccc']);
  });

  it('counts blank lines, so that a number is the line of the file', async () => {
    expect((await read(['a\n\n\nb\n'])).map(({ line }) => line)).toEqual([1, 4]);
  });

  it('yields a line that is too long without its bytes, and later lines unchanged', async () => {
    expect(await read(['a\n', 'x'.repeat(8), 'x'.repeat(8), '\nb'])).toEqual([
      { line: 1, text: 'a' }, { line: 2, text: undefined }, { line: 3, text: 'b' },
    ]);
  });

  it('keeps a character that is split over two chunks', async () => {
    const bytes = Buffer.from('tür\n');

    expect(await read([bytes.subarray(0, 2), bytes.subarray(2)])).toEqual([{ line: 1, text: 'tür' }]);
  });

  it.each([
    ['the most lines', 'a\n'.repeat(100), 100],
    ['the most lines without a final newline', `${'a\n'.repeat(99)}a`, 100],
    ['the most lines, all of them blank', '\n'.repeat(100), 0],
  ])('accepts %s', async (_what, body, count) => {
    expect(await read([body])).toHaveLength(count);
  });

  it.each([
    ['one line too many', 'a\n'.repeat(101)],
    ['one line too many without a final newline', `${'a\n'.repeat(100)}a`],
    ['one blank line too many', '\n'.repeat(101)],
  ])('refuses %s', async (_what, body) => {
    await expect(read([body])).rejects.toThrow(BodyTooLarge);
  });
});

async function read(chunks: readonly (string | Buffer)[]): Promise<{ line: number; text: string | undefined }[]> {
  const lines: { line: number; text: string | undefined }[] = [];
  const body = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  for await (const { line, bytes } of linesOf(body, LIMITS, new Pace(new VirtualRuntime()))) lines.push({ line, text: bytes?.toString() });
  return lines;
}
