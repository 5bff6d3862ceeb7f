import { STATUS_CODES } from 'node:http';

/** The responses of an operation by status. */
type Responses = Record<string, object>;

/** Operations that have a response in common before it becomes a component. */
const SHARED_BY = 4;

/**
 * Moves failures that several operations have in common to components, and returns these by name. Otherwise the same failures of
 * every operation would be most of the document. The most frequent response of a status has its name, such as `NotFound`.
 */
export function shareFailures(paths: Readonly<Record<string, object>>): Record<string, object> {
  const all = Object.values(paths).flatMap((operations) => Object.values(operations as Record<string, { responses: Responses }>));
  const shared: Record<string, object> = {};
  for (const status of Object.keys(STATUS_CODES).filter((status) => Number(status) >= 400)) {
    const sharers = new Map<string, Responses[]>();
    for (const { responses } of all) {
      if (!(status in responses)) continue;
      const text = JSON.stringify(responses[status]);
      sharers.set(text, [...(sharers.get(text) ?? []), responses]);
    }
    const frequent = [...sharers].filter(([, { length }]) => length >= SHARED_BY).sort(([, a], [, b]) => b.length - a.length);
    for (const [index, [text, responses]] of frequent.entries()) {
      const name = `${(STATUS_CODES[status] as string).replaceAll(/\W/g, '')}${index === 0 ? '' : index + 1}`;
      shared[name] = JSON.parse(text) as object;
      for (const each of responses) each[status] = { $ref: `#/components/responses/${name}` };
    }
  }
  return shared;
}
