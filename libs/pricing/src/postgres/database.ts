/** Runs statements; rows are objects. */
export interface Queries {
  query<Rows>(sql: string, parameters?: unknown[]): Promise<Rows>;
}

/** A database for the store; TypeORM's `DataSource` is one. Its search path is the schema of the tables. */
export interface StrategyDatabase extends Queries {
  transaction<T>(run: (queries: Queries) => Promise<T>): Promise<T>;
}

/** Listens on one channel of PostgreSQL; `Announcements` of `@aisle/persistence` is one. */
export interface Ear {
  /**
   * Starts listening unless it listens already. Resolves with true after a new start, since announcements may have been
   * missed.
   */
  listen(): Promise<boolean>;
  close(): Promise<void>;
}
