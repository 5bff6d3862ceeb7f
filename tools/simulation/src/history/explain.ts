import { describeOperation, textOf } from './basket-model.ts';
import type { RecordedOperation } from './history.ts';
import type { Obstacle } from './linearize.ts';

const MAYBE_SHOWN = 8;

/** Explains why no order was found: the longest order, the state after it, and the operations that cannot come next. */
export function explain(basket: string, obstacle: Obstacle & { readonly kind: 'stuck' | 'gave up' }): string {
  const { kind, placed, definite, lastPlaced, blocked, maybe, state, steps } = obstacle;
  const isStuck = kind === 'stuck';
  return [
    isStuck
      ? `basket ${basket}: no order explains what its clients saw`
      : `basket ${basket}: gave up after ${steps} steps`,
    `the longest order places ${placed} of ${definite} operations, and ends with`,
    ...lastPlaced.map((operation) => `  ${lineOf(operation)}`),
    `  which leaves {${textOf(state)}}`,
    isStuck ? 'none of these can come next:' : 'it was trying one of these:',
    ...blocked.map((operation) => `  ${lineOf(operation)}`),
    ...(maybe.length === 0 ? [] : [
      isStuck ? 'and none of these of unknown outcome helps:' : 'or one of these of unknown outcome:',
      ...maybe.slice(-MAYBE_SHOWN).map((operation) => `  ${lineOf(operation)}`),
      ...(maybe.length > MAYBE_SHOWN ? [`  and ${maybe.length - MAYBE_SHOWN} older ones`] : []),
    ]),
  ].join('\n');
}

function lineOf({ client, operation, outcome, calledAtMs, endedAtMs }: RecordedOperation): string {
  const until = endedAtMs === Infinity ? '?' : endedAtMs.toFixed(1);
  const result = outcome.kind === 'ok' ? `{${textOf(new Map(Object.entries(outcome.lines)))}}` : outcome.kind;
  return `${calledAtMs.toFixed(1)}–${until} ms ${client}: ${describeOperation(operation)} -> ${result}`;
}
