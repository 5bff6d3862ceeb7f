import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '../../../..');

// A bound on hangs in all suites of benchmarks: each runs several systems, on a machine that may be busy.
jest.setTimeout(600_000);

/** Runs a script of `tools/bench/src` like `npm run`, and returns its output. Rejects when it fails. */
export async function runScript(script: string, ...args: string[]): Promise<string> {
  const hook = join(root, 'tools/dev/swc-hook.mjs');
  const node = ['--expose-gc', '--conditions=@aisle/source', '--import', hook];
  const command = [...node, join(__dirname, '..', script), ...args];
  return (await promisify(execFile)(process.execPath, command, { cwd: root })).stdout;
}

/** Runs the quick form of a benchmark; returns the contents of its `--json` file, and its output. */
export async function runQuick<Found>(script: string, ...args: string[]): Promise<{ found: Found; stdout: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-bench-'));
  const json = join(folder, 'found.json');
  try {
    const stdout = await runScript(script, '--quick', `--json=${json}`, ...args);
    return { found: JSON.parse(readFileSync(json, 'utf8')) as Found, stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
