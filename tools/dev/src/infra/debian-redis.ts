// Debian's redis-server without root and without an installation: downloaded with the system's own apt (its sources and
// signatures, with our own package lists and cache) and unpacked into a folder.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath, run } from '../process/run.ts';

/** A server program with its environment. */
export interface PrivateRedis {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

export function canFetchDebianRedis(): boolean {
  return findOnPath('apt-get') !== undefined && findOnPath('dpkg-deb') !== undefined;
}

/** The private copy in `folder`. It is downloaded if it is missing or does not run on this machine. */
export async function debianRedis(folder: string, note: (note: string) => void): Promise<PrivateRedis> {
  if (await runs(folder)) return privateCopy(folder);

  note('fetching a private copy of redis-server from Debian');
  mkdirSync(folder, { recursive: true });
  const fresh = mkdtempSync(join(folder, 'fetch-'));
  try {
    await fetchInto(fresh);
    rmSync(join(folder, 'root'), { recursive: true, force: true });
    renameSync(join(fresh, 'root'), join(folder, 'root'));
  } catch (error) {
    // Another keeper may have been faster; its copy is as good.
    if (!(await runs(folder))) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  if (!(await runs(folder))) throw new Error('the private copy of redis-server does not run');
  return privateCopy(folder);
}

async function fetchInto(folder: string) {
  const [lists, cache, debs] = ['lists', 'cache', 'debs'].map((name) => join(folder, name));
  mkdirSync(join(lists!, 'partial'), { recursive: true });
  mkdirSync(join(cache!, 'archives', 'partial'), { recursive: true });
  mkdirSync(debs!);
  const options = [
    `Dir::State::Lists=${lists}`, `Dir::Cache=${cache}`, 'APT::Sandbox::User=', 'Debug::NoLocking=true',
    'Acquire::Languages=none', 'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
  ].flatMap((option) => ['-o', option]);
  const apt = (...args: string[]) =>
    run('apt-get', [...options, ...args], { cwd: debs, env: { ...process.env, LC_ALL: 'C' } });

  // One unreachable source among several is no reason to give up.
  const unreachable = await apt('update').then(() => undefined, (error: unknown) => error);
  const plan = await apt('--simulate', '--no-install-recommends', 'install', 'redis-server').catch(
    (error: unknown) => Promise.reject((unreachable ?? error) as Error),
  );
  const missing = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name!);
  await apt('download', ...new Set(['redis-server', 'redis-tools', ...missing]));
  for (const deb of readdirSync(debs!)) {
    await run('dpkg-deb', ['-x', join(debs!, deb), join(folder, 'root')]);
  }
}

function privateCopy(folder: string): PrivateRedis {
  const root = join(folder, 'root');
  const libraries = [join(root, 'usr', 'lib'), join(root, 'lib')].flatMap((lib) =>
    existsSync(lib)
      ? readdirSync(lib).filter((name) => name.includes('-linux-')).map((name) => join(lib, name))
      : [],
  );
  const inherited = process.env['LD_LIBRARY_PATH'];
  return {
    path: join(root, 'usr', 'bin', 'redis-server'),
    env: { LD_LIBRARY_PATH: [...libraries, ...(inherited ? [inherited] : [])].join(':') },
  };
}

async function runs(folder: string): Promise<boolean> {
  const { path, env } = privateCopy(folder);
  if (!existsSync(path)) return false;
  return run(path, ['--version'], { env: { ...process.env, ...env } }).then(() => true, () => false);
}
