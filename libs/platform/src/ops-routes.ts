import type { StandardSchemaV1 } from '@standard-schema/spec';
import { InputFailure } from './http/input-errors.ts';

type OpsHandler = (input: unknown) => Promise<unknown>;

/** An app's own routes on the ops port: views are read, operations change something. */
export class OpsRoutes {
  /** Handlers by path, such as `/ops/tree`. */
  readonly views = new Map<string, OpsHandler>();
  readonly operations = new Map<string, OpsHandler>();

  /** Adds `GET /ops/<name>`. Without a schema, any query is accepted and ignored. */
  readonly view = <T>(name: string, show: (query: T) => unknown, query?: StandardSchemaV1<unknown, T>): void => {
    this.views.set(`/ops/${name}`, checked(show, query));
  };

  /** Adds `POST /ops/<name>`, whose JSON body has to fit the schema. */
  readonly operation = <T>(name: string, body: StandardSchemaV1<unknown, T>, run: (body: T) => unknown): void => {
    this.operations.set(`/ops/${name}`, checked(run, body));
  };
}

function checked<T>(run: (input: T) => unknown, schema?: StandardSchemaV1<unknown, T>): OpsHandler {
  return async (input) => {
    if (!schema) return run(input as T);
    const result = await schema['~standard'].validate(input);
    if (result.issues) throw InputFailure.invalid(result.issues);
    return run(result.value);
  };
}
