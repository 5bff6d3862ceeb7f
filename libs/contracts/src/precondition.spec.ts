import { isFulfilled, type Precondition } from './index.ts';

const CASES: [precondition: Precondition, at7: boolean, notThere: boolean][] = [
  [{}, true, true],
  [{ ifMatch: 'any' }, true, false],
  [{ ifMatch: 7 }, true, false],
  [{ ifMatch: 8 }, false, false],
  [{ ifMatch: [8, 7] }, true, false],
  [{ ifMatch: [] }, false, false],
  [{ ifNoneMatch: 'any' }, false, true],
  [{ ifNoneMatch: 7 }, false, true],
  [{ ifNoneMatch: [8, 9] }, true, true],
  [{ ifNoneMatch: [] }, true, true],
  [{ ifMatch: 7, ifNoneMatch: 'any' }, false, false],
  [{ ifMatch: 'any', ifNoneMatch: 8 }, true, false],
];

describe('a precondition', () => {
  it.each(CASES)('%j is fulfilled by version 7: %s, and by a missing resource: %s', (precondition, at7, notThere) => {
    expect([isFulfilled(precondition, 7), isFulfilled(precondition, undefined)]).toEqual([at7, notThere]);
  });
});
