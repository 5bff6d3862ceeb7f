import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { ANSWER_EXAMPLES } from './routes/answer-examples.ts';
import { runExamples, type ExampleAnswer } from './testing/run-examples.ts';

// The setup of the tests also compares each answer with the document.
describe('the examples of the OpenAPI document', () => {
  let system: TestSystem;
  let answers: Record<string, ExampleAnswer>;

  beforeAll(async () => {
    system = await startSystem({ market: 1, inventory: 1, orders: 1, 'producer-consumer': 1 });
    answers = await runExamples(system.gatewayUrl);
  });
  afterAll(() => system.stop());

  it('succeed, each operation with its own', async () => {
    const { paths } = await (await fetch(`${system.gatewayUrl}/openapi.json`)).json() as { paths: Record<string, Record<string, { operationId: string }>> };
    const operations = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));

    expect(Object.keys(answers).sort()).toEqual(operations.sort());
  });

  it('have the answers that the document shows; after a change, run `npm run openapi:examples`', () => {
    const shown = Object.keys(ANSWER_EXAMPLES).map((operation) => ({ operation, ...outlineOf(ANSWER_EXAMPLES[operation]!) }));

    expect(shown.length).toBeGreaterThan(50);
    expect(Object.keys(ANSWER_EXAMPLES).map((operation) => ({ operation, ...outlineOf(answers[operation]!) }))).toEqual(shown);
  });
});

/** The parts of an answer that are the same in each run. Instants, ids and quantities are not. */
function outlineOf({ status, body }: Pick<ExampleAnswer, 'status' | 'body'>): { status: number; fields: string[] } {
  return { status, fields: typeof body === 'object' && body !== null ? Object.keys(body) : [typeof body] };
}
