// `npm run failures`: writes all expected failures of the apps into docs/failures.md, and for the pages of the gateway.
import { writeFileSync } from 'node:fs';
import { renderFailures, renderKnownProblems } from './failures/render-failures.ts';

const write = (path: string, text: string): void => writeFileSync(new URL(`../../../../${path}`, import.meta.url), text);
write('docs/failures.md', renderFailures());
write('apps/gateway/src/problems/known-problems.ts', renderKnownProblems());
