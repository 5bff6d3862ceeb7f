/** The fields of a log line: values, never prose. */
export type LogFields = Readonly<Record<string, unknown>>;
