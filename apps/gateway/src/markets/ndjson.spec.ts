import { Readable } from 'node:stream';
import { linesOf, type TextLine } from './ndjson.ts';

const LIMITS = { lineBytesMax: 10, bytesMax: 1_000 };

describe('linesOf', () => {
  it.each([
    ['one chunk', ['a\nbb\nccc']],
    ['a chunk for each byte', [...'a\nbb\nccc']],
    ['chunks that end with their line', ['a\n', 'bb\n', 'ccc\n']],
    ['blank lines and carriage returns', ['a\n\nbb\n  \r\nccc\n\n']],
  ])('gives the lines of %s, under their numbers', async (_what, chunks) => {
    const lines = await read(chunks);

    expect(lines.map(({ text }) => text)).toEqual(['a', 'bb', 'ccc']);
  });

  it('counts blank lines, so that a number is a place in the file', async () => {
    expect((await read(['a\n\n\nb\n'])).map(({ line }) => line)).toEqual([1, 4]);
  });

  it('gives a line that is too long without its text, and what comes after it as it is', async () => {
    expect(await read(['a\n', 'x'.repeat(8), 'x'.repeat(8), '\nb'])).toEqual([
      { line: 1, text: 'a' }, { line: 2, text: undefined }, { line: 3, text: 'b' },
    ]);
  });

  it('keeps a character whole that two chunks share', async () => {
    const bytes = Buffer.from('tür\n');

    expect(await read([bytes.subarray(0, 2), bytes.subarray(2)])).toEqual([{ line: 1, text: 'tür' }]);
  });

  it('refuses a body that is too large', async () => {
    await expect(read(Array(101).fill('123456789\n'))).rejects.toThrow();
  });
});

async function read(chunks: readonly (string | Buffer)[]): Promise<TextLine[]> {
  const lines: TextLine[] = [];
  for await (const line of linesOf(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), LIMITS)) lines.push(line);
  return lines;
}
