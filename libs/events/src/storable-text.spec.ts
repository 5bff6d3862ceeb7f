import fc from 'fast-check';
import { bodyFrom, storableBody, storableText } from './storable-text.ts';

describe('A storable body', () => {
  it.each([
    ['stays as it is', '{"key":"tea \\u0000 €😀\\\\"}', '{"key":"tea \\u0000 €😀\\\\"}', false],
    ['has U+0000 escaped', 'a\0b', 'a\\u0000b', true],
    ['has half a surrogate escaped', '😀\ud83d', '😀\\ud83d', true],
    ['has its backslashes doubled then', '\\u0000\0', '\\\\u0000\\u0000', true],
  ])('%s', (_what, body, stored, isEscaped) => {
    expect(storableBody(body)).toEqual({ body: stored, isEscaped });
  });

  it.each([
    ['UTF-8', Buffer.from('tea €😀\0'), 'tea €😀\0', false],
    ['U+FFFD itself', Buffer.from('tea \ufffd'), 'tea \ufffd', false],
    ['other bytes', Buffer.from([0x61, 0xff, 0x5c, 0x00, 0xc3]), 'a\\xff\\\\\\u0000\\xc3', true],
    ['half a surrogate in UTF-8', Buffer.from([0xed, 0xa0, 0x80]), '\\xed\\xa0\\x80', true],
    ['nothing', Buffer.alloc(0), '', false],
  ])('is read from %s', (_what, bytes, body, isEscaped) => {
    expect(bodyFrom(bytes)).toEqual({ body, isEscaped });
  });

  it('is unique, and contains nothing that PostgreSQL refuses', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const { body, isEscaped } = bodyFrom(Buffer.from(bytes));
      const stored = isEscaped ? { body, isEscaped } : storableBody(body);

      expect(stored.body).not.toMatch(/\0|\p{Surrogate}/u);
      expect(original(stored)).toEqual(Buffer.from(bytes));
    }));
  });

  it('is readable text for a name', () => {
    expect(storableText('a\0\\\ud800')).toBe('a\\u0000\\\\ud800');
  });
});

function original({ body, isEscaped }: { body: string; isEscaped: boolean }): Buffer {
  if (!isEscaped) return Buffer.from(body);
  const parts = body.match(/\\\\|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|[^\\]/gsu) ?? [];
  return Buffer.concat(parts.map((part) => {
    if (part === '\\\\') return Buffer.from('\\');
    if (part.startsWith('\\x')) return Buffer.from(part.slice(2), 'hex');
    return Buffer.from(part.startsWith('\\u') ? String.fromCharCode(parseInt(part.slice(2), 16)) : part);
  }));
}
