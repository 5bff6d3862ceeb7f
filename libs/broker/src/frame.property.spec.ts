import fc from 'fast-check';
import { Unpackr } from 'msgpackr';

import type { Envelope } from './envelope.ts';
import { decodeBody, encodeBody } from './envelope.ts';
import { FrameWriter, decodeFrame } from './frame.ts';
import { envelope } from './testing/envelopes.ts';

const text = fc.string({ unit: 'binary', maxLength: 60 });
const envelopes: fc.Arbitrary<Envelope> = fc.record({
  id: text,
  type: text,
  tenant: text,
  market: text,
  actor: text,
  traceparent: text,
  replyTo: text,
  by: fc.oneof(fc.constant(''), text),
  shard: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  hops: fc.integer({ min: 0, max: 255 }),
  deadlineMs: fc.maxSafeInteger(),
  correlation: fc.maxSafeNat(),
  body: fc.uint8Array({ maxLength: 300 }),
});

describe('a frame', () => {
  it('gives back the written envelopes, for any texts and bodies', () => {
    const writer = new FrameWriter();
    fc.assert(
      fc.property(fc.array(envelopes, { maxLength: 70 }), (written) => {
        const read = decodeFrame(frameOf(written, writer));

        expect(read.map(plain)).toEqual(written.map(plain));
      }),
    );
  });

  it('is MessagePack that any reader can decode', () => {
    fc.assert(
      fc.property(envelopes, (written) => {
        const [version, content] = new Unpackr().unpack(frameOf([written])) as [number, unknown[][]];

        expect(version).toBe(1);
        expect(content[0]?.slice(0, 4)).toEqual([
          written.shard,
          written.hops,
          written.deadlineMs,
          written.correlation,
        ]);
        expect(content[0]?.at(-1)).toEqual(Buffer.from(written.body));
      }),
    );
  });

  it('has a principal as one more value, so an envelope without one is as in earlier versions', () => {
    const [, content] = new Unpackr().unpack(frameOf([envelope(), envelope({ by: 'key/k1', replyTo: 'r' })])) as [number, unknown[][]];

    expect(content.map(({ length }) => length)).toEqual([12, 13]);
    expect(content[1]?.at(-2)).toMatch(/rkey\/k1$/);
  });

  it('is refused when it is cut short at any byte', () => {
    const frame = frameOf([envelope({ body: encodeBody({ sku: 'GR1' }) }), envelope({ by: 'admin' }), envelope()]);

    for (let length = 0; length < frame.length; length += 1) {
      expect(() => decodeFrame(frame.subarray(0, length))).toThrow('the frame is corrupt');
    }
  });

  it('is either refused or read when bytes of it are changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(envelopes, { minLength: 1, maxLength: 3 }), changes, (written, edits) => {
        const frame = frameOf(written);
        for (const [at, byte] of edits) frame[at % frame.length] = byte;

        expect(outcomeOf(() => decodeFrame(frame))).toMatch(/^(read|broker.frame_corrupt)$/);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused when the bytes are not a frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(outcomeOf(() => decodeFrame(bytes))).toBe('broker.frame_corrupt');
      }),
    );
  });

  it('refuses a header of more than 21,845 characters, and stays unchanged', () => {
    const writer = new FrameWriter();
    writer.append(envelope({ actor: 'first' }));

    expect(() => writer.append(envelope({ actor: 'x'.repeat(22_000) }))).toThrow(
      'the header is too long',
    );

    expect(decodeFrame(writer.take()).map(({ actor }) => actor)).toEqual(['first']);
  });
});

describe('a body', () => {
  it('gives back the JSON value that was encoded, but for keys that would change its prototype', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        // A body has no negative zero, as JSON has none.
        expect(decodeBody(encodeBody(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is refused when the bytes are not an encoded value', () => {
    const refused = outcomeOf(() => decodeBody(Uint8Array.of(0xd9, 200, 1)));

    expect(refused).toBe('broker.body_corrupt');
  });
});

function frameOf(written: readonly Envelope[], writer = new FrameWriter()): Buffer {
  for (const each of written) writer.append(each);
  return writer.take();
}

/** Bodies as arrays, so that a view and a copy compare equal. */
function plain({ body, ...header }: Envelope): object {
  return { ...header, body: [...body] };
}

function outcomeOf(decode: () => unknown): string {
  try {
    decode();
    return 'read';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
