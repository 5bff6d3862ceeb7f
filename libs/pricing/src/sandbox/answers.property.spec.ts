import fc from 'fast-check';
import { checkAnswer } from '../engine/answer.ts';
import { readAnswers } from './answers.ts';
import { ScriptFault } from './script-fault.ts';
import { answersIn, decodeReports, encodeReports } from './wire.ts';
import type { StrategyAnswer } from '../engine/answer.ts';
import type { Part } from './messages.ts';

const LINE = { kind: 'line', surcharge: false } as const;
const UNREADABLE = expect.objectContaining({ code: 'contract', text: 'the answer cannot be read' }) as Error;

// The output of a context in which everything was replaced. No script gets so far, but the reader does not rely on
// that.
describe('answers that no context of ours writes', () => {
  it.each<[what: string, words: readonly unknown[], numbers: readonly number[]]>([
    ['nothing at all', [], []],
    ['nothing but a count of words', [], [0]],
    ['a status that is none', [], [0, 9]],
    ['a status that is no number', [], [0, NaN]],
    ['half a status', [], [0, 0.5]],
    ['a list without end', [], [0, 0, 1e15]],
    ['a list longer than what was written', ['x'], [0, 0, 3, 0, -1, -1, 0, 0]],
    ['half a list', ['x'], [0, 0, 0.5, 0]],
    ['a list shorter than none', ['x'], [0, 0, -3, 0]],
    ['a list that is not a number', ['x'], [0, 0, NaN, 0]],
    ['a word beyond the last', ['x'], [0, 0, 1, 1, -1, -1, 0, 0]],
    ['a word before the first', ['x'], [0, 0, 1, -2, -1, -1, 0, 0]],
    ['half a word', ['x'], [0, 0, 1, 0.5, -1, -1, 0, 0]],
    ['a word that is no text', [7], [0, 0, 1, 0, -1, -1, 0, 0]],
    ['a place that is no number', ['x'], [0, 0, 1, NaN, -1, -1, 0, 0]],
    ['more than was asked for', ['x'], [0, 0, 0, 0, 0, 0, 0]],
    ['an end in the middle', ['x'], [0, 0, 1, 0, -1]],
  ])('with %s break the contract', (_what, words, numbers) => {
    const read = () => readAnswers({ words: words as string[], numbers: Float64Array.from(numbers) }, [100], LINE);

    expect(read).toThrow(UNREADABLE);
  });

  it('with any numbers and words are good answers, faults, or a broken contract', () => {
    const number = fc.oneof(fc.integer({ min: -3, max: 40 }), fc.integer({ min: -2, max: 3 }), fc.double(), fc.maxSafeInteger());
    const word = fc.oneof(fc.string({ maxLength: 80 }), fc.constantFrom('\0', '\ud800', 'x'.repeat(501)));
    fc.assert(fc.property(fc.array(word, { maxLength: 4 }), fc.array(number, { maxLength: 60 }), fc.array(fc.nat(1_000), { maxLength: 4 }), (words, numbers, nets) => {
      let answers: (StrategyAnswer | ScriptFault)[];
      try {
        answers = readAnswers({ words, numbers: Float64Array.from(numbers) }, nets, LINE);
      } catch (thrown) {
        expect(thrown).toEqual(UNREADABLE);
        return;
      }
      expect(answers).toHaveLength(nets.length);
      answers.forEach((answer, at) => {
        if (answer instanceof ScriptFault) expect(answer.text).toHaveLength(Math.min(answer.text.length, 200));
        else expect(checkAnswer(answer, { ...LINE, netMinor: nets[at]! })).toEqual(answer);
      });
    }), { numRuns: 2_000 });
  });
});

describe('checked answers', () => {
  const text = fc.string({ minLength: 1, maxLength: 20 }).filter((each) => !each.includes('\0'));
  const entry = { code: text, units: fc.option(fc.nat(), { nil: undefined }) };
  const answer = fc.record({
    adjustments: fc.array(fc.record({ ...entry, amountMinor: fc.integer({ min: -1_000, max: 0 }), message: text }), { maxLength: 3 }),
    skipped: fc.array(fc.record({ code: text, reason: text, unitsNeeded: entry.units }), { maxLength: 3 }),
  }).map((given): StrategyAnswer => checkAnswer(given, { ...LINE, netMinor: 0 }));
  const fault = fc.tuple(fc.constantFrom('threw', 'asynchronous', 'contract', 'lines-missed'), text)
    .map(([code, message]) => new ScriptFault(code as 'threw', message));

  it('survive the encoding of a part unchanged', () => {
    fc.assert(fc.property(fc.array(fc.oneof(answer, fault), { maxLength: 8 }), (answers) => {
      const sheet = encodeReports([{ at: 7, parts: [{ count: answers.length, netsMinor: [5], answers }] }]);

      const [{ at, parts: [part] }] = decodeReports({ sheet }) as [{ at: number; parts: readonly [Part] }];
      const decoded = answersIn(part);
      expect([at, ...part.netsMinor ?? []]).toEqual([7, 5]);

      expect(decoded.map((each) => (each instanceof ScriptFault ? [each.code, each.text] : each))).toEqual(
        answers.map((each) => (each instanceof ScriptFault ? [each.code, each.text] : { adjustments: each.adjustments, skipped: each.skipped })),
      );
    }));
  });
});
