import { systemRuntime, uuidv7 } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { EXAMPLE_STEPS, type ExampleStep } from './example-steps.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly example?: unknown;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly examples?: { readonly example: { readonly value: unknown } } }>> };
}

const RETRYABLE: ReadonlySet<number> = new Set([429, 503, 504]);

/** The answer to an operation. */
export interface ExampleAnswer {
  readonly status: number;
  readonly location: string;
  /** The parsed body; undefined for an answer without one. */
  readonly body: unknown;
}

/** Runs every operation of a gateway with the examples of its OpenAPI document. Rejects if one fails. */
export async function runExamples(gatewayUrl: string): Promise<Record<string, ExampleAnswer>> {
  const { paths } = (await (await fetch(`${gatewayUrl}/openapi.json`)).json()) as { paths: Record<string, Record<string, Operation>> };
  const operations = new Map(Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [operation.operationId, { ...operation, path, method: method.toUpperCase() }] as const)));
  const answers: Record<string, ExampleAnswer> = {};
  for (const step of EXAMPLE_STEPS) {
    const operation = operations.get(step.operation);
    if (!operation) throw new Error(`the document has no operation ${step.operation}`);
    for (const [method, path, body] of step.before ?? []) {
      await sent(gatewayUrl, method, path, { body: JSON.stringify(body), headers: method === 'PUT' ? { 'if-match': '*' } : {} });
    }
    const { path, ...init } = requestOf(operation, step.path?.(answers) ?? {});
    answers[step.operation] = await until(step, () => sent(gatewayUrl, operation.method, path, init));
  }
  return answers;
}

async function until({ awaits }: ExampleStep, send: () => Promise<ExampleAnswer>): Promise<ExampleAnswer> {
  if (!awaits) return send();
  return eventually(async () => {
    const answer = await send();
    const { status } = answer.body as { readonly status?: unknown };
    if (status !== awaits) throw new Error(`the status is ${String(status)}, and not ${awaits}`);
    return answer;
  });
}

/** The request that the examples of an operation make. */
function requestOf({ path, parameters = [], requestBody }: Operation & { readonly path: string }, replaced: Readonly<Record<string, string>>) {
  const given = parameters.filter(({ example }) => example !== undefined);
  const valueOf = ({ name, example }: Parameter): string => replaced[name] ?? String(example);
  const pathOf = given.filter((each) => each.in === 'path')
    .reduce((text, each) => text.replace(`{${each.name}}`, encodeURIComponent(valueOf(each))), path);
  const query = new URLSearchParams(Object.fromEntries(given.filter((each) => each.in === 'query').map((each) => [each.name, valueOf(each)]))).toString();
  const [[mediaType, { examples }] = ['', {}] as const] = Object.entries(requestBody?.content ?? {});
  const value = examples?.example.value;
  return {
    path: query === '' ? pathOf : `${pathOf}?${query}`,
    headers: {
      ...Object.fromEntries(given.filter((each) => each.in === 'header').map((each) => [each.name, valueOf(each)])),
      ...(value === undefined ? {} : { 'content-type': mediaType }),
    },
    ...(value === undefined ? {} : { body: JSON.stringify(value) }),
  };
}

/** Sends a request until it is answered, under one key. Rejects unless it succeeds. */
async function sent(
  gatewayUrl: string, method: string, path: string, { body, headers }: { body?: string | undefined; headers: Record<string, string> },
): Promise<ExampleAnswer> {
  const key = uuidv7(systemRuntime);
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await eventually(async () => {
    const answer = await fetch(gatewayUrl + path, {
      method, headers: { ...type, 'idempotency-key': key, ...headers }, ...(body === undefined ? {} : { body }),
    });
    return RETRYABLE.has(answer.status) ? false : answer;
  }) as Response;
  const text = await textOf(response);
  if (!response.ok) throw new Error(`${method} ${path} does not succeed: ${text}`);
  return { status: response.status, location: response.headers.get('location') ?? '', body: bodyOf(response, text) };
}

/** The text of a body; the first part of a stream of events, which never ends. */
async function textOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text();
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return Buffer.from(value ?? []).toString();
}

function bodyOf({ headers }: Response, text: string): unknown {
  const type = headers.get('content-type') ?? '';
  if (type.startsWith('text/event-stream')) return text;
  // The last line of an import has its numbers.
  return text === '' ? undefined : JSON.parse(text.trim().split('\n').at(-1) as string) as unknown;
}
