// `npm run openapi:release -- 0.2.0`: keeps the OpenAPI document of a release, without the texts for people. A test compares later ones with it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../../../openapi');
const FOR_PEOPLE: ReadonlySet<string> = new Set(['description', 'summary', 'example', 'examples', 'title']);
const [version = ''] = process.argv.slice(2);

if (!/^\d+\.\d+\.\d+$/.test(version)) {
  console.error('npm run openapi:release -- <version>, such as 0.2.0');
  process.exitCode = 2;
} else {
  const document = JSON.parse(readFileSync(join(FOLDER, 'aisle.json'), 'utf8')) as object;
  const isText = (key: string, value: unknown): boolean => FOR_PEOPLE.has(key) && !isSchemaOf(value);
  const kept = JSON.stringify(document, (key, value: unknown) => (isText(key, value) ? undefined : value), 1);
  writeFileSync(join(FOLDER, 'releases', `${version}.json`), `${kept}\n`);
}

/** Whether a value under such a name is a field of this name, and not a text. */
function isSchemaOf(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('type' in value || '$ref' in value || 'anyOf' in value);
}
