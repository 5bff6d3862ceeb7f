import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderFailures } from './render-failures.ts';

const PAGE = join(__dirname, '../../../../../docs/failures.md');

describe('docs/failures.md', () => {
  it('equals the tables of failures; after a change, run `npm run failures`', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(renderFailures());
  });
});
