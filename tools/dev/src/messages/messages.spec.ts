import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderMessages } from './render-messages.ts';

const PAGE = join(__dirname, '../../../../docs/messages.md');

describe('docs/messages.md', () => {
  it('equals the protocols; after a change, run `npm run messages`', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(renderMessages());
  });
});
