// `npm run erd`: draws the tables of all apps into docs/erd.md.
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { schemas } from '../schemas.ts';
import { renderErd } from './render-erd.ts';

const PAGE = new URL('../../../../docs/erd.md', import.meta.url);

writeFileSync(PAGE, await renderErd(schemas));
console.log(`docs/erd.md is drawn from ${schemas.flatMap(({ entities = [] }) => entities).length} entities`);
