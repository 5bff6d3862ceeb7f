import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** The value in that file; undefined if it cannot be read. */
export function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** Replaces the file as a whole, so a reader sees the old value or the new one. Only its owner can read it. */
export function writeJson(path: string, value: unknown) {
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, JSON.stringify(value, null, 2), { mode: 0o600 });
  renameSync(draft, path);
}
