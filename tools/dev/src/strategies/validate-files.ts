import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { MemoryStrategyStore, SandboxedRollout } from '@aisle/pricing/lifecycle';
import { Sandbox } from '@aisle/pricing/sandbox';
import { isFailure, systemRuntime } from '@aisle/std';

/** Validates each file as the shop does, and prints the results. Returns 0 if all may price, otherwise 1. */
export async function validateFiles(paths: readonly string[]): Promise<number> {
  const sandbox = await Sandbox.start({ runtime: systemRuntime, workers: 1 });
  let failed = 0;
  try {
    const rollout = new SandboxedRollout({ store: new MemoryStrategyStore(), sandbox, runtime: systemRuntime });
    for (const path of paths) {
      const { verdict, problems } = await validated(rollout, await readFile(path, 'utf8'));
      if (problems.length > 0) failed += 1;
      console.log(`${basename(path)}: ${verdict}`);
      for (const problem of problems) console.log(`  ${problem}`);
    }
  } finally {
    await sandbox.close();
  }
  return failed === 0 ? 0 : 1;
}

async function validated(rollout: SandboxedRollout, source: string): Promise<{ verdict: string; problems: readonly string[] }> {
  try {
    const { meta: { name, version, tests }, passed, problems } = await rollout.check(source);
    return { verdict: `${passed ? 'valid' : 'refused'}: ${name} ${version}, ${tests.length} tests`, problems };
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    const { message, details: { problems } } = thrown;
    return { verdict: 'refused', problems: Array.isArray(problems) ? problems as string[] : [message] };
  }
}
