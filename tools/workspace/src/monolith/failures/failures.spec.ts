import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderFailures, renderKnownProblems } from './render-failures.ts';

const ROOT = join(__dirname, '../../../../..');

describe('the documentation of failures', () => {
  it.each([
    ['docs/failures.md', renderFailures],
    ['apps/gateway/src/problems/known-problems.ts', renderKnownProblems],
  ])('in %s equals the tables of failures; after a change, run `npm run failures`', (path, render) => {
    expect(readFileSync(join(ROOT, path), 'utf8')).toBe(render());
  });
});
