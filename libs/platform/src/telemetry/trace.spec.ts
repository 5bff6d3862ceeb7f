import { VirtualRuntime } from '@aisle/std/testing';
import { continueTrace, traceIdOf } from './trace.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const { random } = new VirtualRuntime();

describe('continueTrace', () => {
  it("keeps the caller's trace id, with a new span id", () => {
    const here = continueTrace(`00-${TRACE}-00f067aa0ba902b7-01`, random);

    expect(here).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(here).not.toContain('00f067aa0ba902b7');
    expect(traceIdOf(here)).toBe(TRACE);
  });

  it.each([undefined, '', 'nonsense', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `00-${TRACE}-${'0'.repeat(16)}-01`])(
    'begins a new trace when the header is %p',
    (header) => {
      expect(traceIdOf(continueTrace(header, random))).toMatch(/^(?!4bf92f)[0-9a-f]{32}$/);
    },
  );
});
