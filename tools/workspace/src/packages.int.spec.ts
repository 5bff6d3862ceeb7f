import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { testDatabase } from '@aisle/persistence/testing';

const root = join(__dirname, '../../..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const libs = readdirSync(join(root, 'libs'));
const execute = promisify(execFile);

const EXAMPLE_WITHIN_MS = 20_000;

// Every lib is packed and installed outside the workspace, with npm's linked layout. There a package finds the
// dependencies of its own manifest and nothing else, as if it had been installed alone. Its example runs from within
// it, which checks the manifest, the tarball and the README at once.
describe('each lib, installed alone', () => {
  const project = mkdtempSync(join(tmpdir(), 'aisle-packages-'));
  let compilerSaid: string;
  const folders = new Map<string, string>();
  const folderOf = (lib: string): string => folders.get(lib) ?? '';

  beforeAll(async () => {
    await execute(process.execPath, [tsc, '--build', ...libs.map((lib) => `libs/${lib}`)], { cwd: root });
    const packed = libs.flatMap((lib) => ['--workspace', `libs/${lib}`]);
    await npm(root, ['pack', '--ignore-scripts', '--pack-destination', project, ...packed]);
    await install(project);
    const links = join(project, 'node_modules/@aisle');
    for (const lib of libs) folders.set(lib, realpathSync(join(links, lib)));
    // Beside each other the libs would find packages that their manifests forgot.
    rmSync(links, { recursive: true });
    for (const lib of libs) writeFileSync(join(folderOf(lib), 'example.ts'), exampleOf(lib) ?? '');
    compilerSaid = await compile(libs.map((lib) => join(folderOf(lib), 'example.ts')));
  });

  afterAll(() => rmSync(project, { recursive: true, force: true }));

  it('type-checks strictly in all examples', () => {
    expect(compilerSaid).toBe('');
  });

  it.each(libs)('shows an example in the README of %s', (lib) => {
    expect(exampleOf(lib)).toContain(`from '@aisle/${lib}`);
  });

  it.each(libs)('runs the example in the README of %s', async (lib) => {
    const readme = readFileSync(join(folderOf(lib), 'README.md'), 'utf8');
    const database = readme.includes('process.env.DATABASE_URL')
      ? await testDatabase({ schema: 'basket', migrations: [] })
      : undefined;
    const env = {
      PATH: process.env.PATH,
      ...(database && { DATABASE_URL: database.appUrl, ADMIN_DATABASE_URL: database.adminUrl }),
    };

    const run = execute(process.execPath, ['example.js'], {
      cwd: folderOf(lib), env, timeout: EXAMPLE_WITHIN_MS,
    });

    await expect(run.finally(() => database?.drop())).resolves.toMatchObject({ stderr: '' });
  });

  it.each(libs)('brings no tests and no traces of the build: %s', (lib) => {
    const files = readdirSync(folderOf(lib), { recursive: true, encoding: 'utf8' });

    expect(files.filter((file) => /\.(spec|sim)\.|tsbuildinfo$|^src\b/.test(file))).toEqual([]);
  });
});

/** The first TypeScript block in the README of a lib: the example that runs. Later blocks may be fragments. */
function exampleOf(lib: string): string | undefined {
  const readme = readFileSync(join(root, 'libs', lib, 'README.md'), 'utf8');
  return /^```(?:ts|typescript)\n([\s\S]*?)^```/m.exec(readme)?.[1];
}

/** Installs the tarballs in the folder together, since they depend on each other. */
async function install(project: string): Promise<void> {
  const tarballs = readdirSync(project).map((name) => {
    const [, lib = ''] = /^aisle-(.+)-\d+\.\d+\.\d+.*\.tgz$/.exec(name) ?? [];
    return [`@aisle/${lib}`, `file:${name}`];
  });
  const manifest = { private: true, type: 'module', dependencies: Object.fromEntries(tarballs) };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  await npm(project, [
    'install', '--install-strategy=linked', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund',
  ]);
}

/** Compiles against the installed packages as their users do. Returns the compiler's errors, if any. */
async function compile(files: readonly string[]): Promise<string> {
  const options = '--strict --skipLibCheck --experimentalDecorators --target es2022 --module nodenext';
  const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
  const args = [tsc, '--ignoreConfig', ...options.split(' '), ...types, ...files];
  return execute(process.execPath, args).then(
    () => '',
    (failed: { stdout: string }) => failed.stdout,
  );
}

async function npm(folder: string, args: readonly string[]): Promise<void> {
  await execute('npm', args, { cwd: folder, maxBuffer: 16 * 1024 * 1024 });
}
