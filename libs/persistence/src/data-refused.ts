/** PostgreSQL's reason for refusing data: names of the schema, and never a value. */
export interface DataRefusal {
  readonly sqlState: string;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly constraint?: string | undefined;
}

// SQLSTATE classes: 21 one row given twice, 22 data exception, 23 integrity constraint, 44 check option of a view,
// 54 a limit of PostgreSQL. In each of them, the same statement succeeds with other data.
const DATA = /^(21|22|23|44|54)[0-9A-Z]{3}$/;

/** The reason for which PostgreSQL refused data, from an error of `pg` or TypeORM. Undefined for any other error. */
export function dataRefusal(error: unknown): DataRefusal | undefined {
  if (error instanceof DataRefused) return error.refusal;
  const { code, table, column, constraint } = (error ?? {}) as Record<string, unknown>;
  if (typeof code !== 'string' || !DATA.test(code)) return undefined;
  return {
    sqlState: code,
    ...(typeof table === 'string' && { table }),
    ...(typeof column === 'string' && { column }),
    ...(typeof constraint === 'string' && { constraint }),
  };
}

/** A refusal as one line of text. */
export function refusalText({ sqlState, ...names }: DataRefusal): string {
  return [`SQLSTATE ${sqlState}`, ...Object.entries(names).map(([what, name]) => `${what} ${name}`)].join(', ');
}

/**
 * Thrown if PostgreSQL refused the data of a statement, which then had no effect. It is a bug and not a `Failure`: validation
 * should have refused such data, and a retry never helps. Unlike PostgreSQL's own error, it quotes no values.
 */
export class DataRefused extends Error {
  override readonly name = 'DataRefused';
  /** The SQLSTATE. */
  readonly code: string;
  constructor(readonly refusal: DataRefusal) {
    super(`PostgreSQL refused the data: ${refusalText(refusal)}`);
    this.code = refusal.sqlState;
  }
}
