// Jest runs this file before each suite of the gateway. It compares each answer to `fetch` with the OpenAPI document, and fails the test
// after which an answer differs.
import { DocumentedAnswers } from './documented-answers.ts';

const send = globalThis.fetch;
let documented: DocumentedAnswers | undefined;
const differences: (string | undefined)[] = [];
const streams: Promise<void>[] = [];

globalThis.fetch = async (input, init) => {
  const response = await send(input, init);
  const { url, method = 'GET' } = input instanceof Request ? input : { url: String(input), ...init };
  const { pathname, search } = new URL(url);
  if (!pathname.startsWith('/v1/')) return response;
  const answers = (documented ??= new DocumentedAnswers());
  const { status, headers } = response;
  const check = (text?: string): void => {
    const answer = { method, path: pathname + search, status, headers };
    differences.push(answers.differenceOf(text === undefined ? answer : { ...answer, text }));
  };
  const type = headers.get('content-type') ?? '';
  // Events never end.
  if (type.startsWith('text/event-stream')) check();
  // A test may read an import part by part, or leave it.
  else if (type.startsWith('application/x-ndjson')) streams.push(response.clone().text().then(check, () => undefined));
  else check(await response.clone().text());
  return response;
};

afterEach(async () => {
  await Promise.all(streams.splice(0));
  const found = differences.splice(0).filter((difference) => difference !== undefined);
  expect(found).toEqual([]);
});
