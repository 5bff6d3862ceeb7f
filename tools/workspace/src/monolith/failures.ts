// `npm run failures`: writes all expected failures of the apps into docs/failures.md.
import { writeFileSync } from 'node:fs';
import { renderFailures } from './failures/render-failures.ts';

writeFileSync(new URL('../../../../docs/failures.md', import.meta.url), renderFailures());
