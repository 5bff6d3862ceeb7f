// `npm run openapi`: writes the OpenAPI document into openapi/aisle.json.
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { openApiText } from './openapi-text.ts';

writeFileSync(new URL('../../../../openapi/aisle.json', import.meta.url), await openApiText());
