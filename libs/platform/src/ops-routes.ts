import type { StandardSchemaV1 } from '@standard-schema/spec';
import { InputFailure } from './http/input-errors.ts';

type Answer = (input: unknown) => Promise<unknown>;

/** The part of the ops port that an app fills: views to read, and operations that change something. */
export class OpsRoutes {
  /** By path, such as `/ops/tree`. */
  readonly views = new Map<string, Answer>();
  readonly operations = new Map<string, Answer>();

  /** Adds `GET /ops/<name>`. Without a schema the query is not looked at. */
  readonly view = <T>(name: string, show: (query: T) => unknown, query?: StandardSchemaV1<unknown, T>): void => {
    this.views.set(`/ops/${name}`, checked(show, query));
  };

  /** Adds `POST /ops/<name>` with a JSON body that fits the schema. */
  readonly operation = <T>(name: string, body: StandardSchemaV1<unknown, T>, run: (body: T) => unknown): void => {
    this.operations.set(`/ops/${name}`, checked(run, body));
  };
}

function checked<T>(run: (input: T) => unknown, schema?: StandardSchemaV1<unknown, T>): Answer {
  return async (input) => {
    if (!schema) return run(input as T);
    const result = await schema['~standard'].validate(input);
    if (result.issues) throw InputFailure.invalid(result.issues);
    return run(result.value);
  };
}
