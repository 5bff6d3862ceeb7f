import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { FsTree, flushChanges } from 'nx/src/generators/tree';
import type { Tree } from '@nx/devkit';

type Generator = (tree: Tree, options: object) => Promise<unknown>;

const root = join(__dirname, '../../..');
const execute = promisify(execFile);

// Everything happens in a copy of the workspace, where Nx, TypeScript, ESLint and Jest run as in the workspace itself.
describe('the output of the generators', () => {
  const copy = mkdtempSync(join(tmpdir(), 'aisle-generated-'));

  beforeAll(async () => {
    copyWorkspace(copy);
    await nx('g', '@aisle/tools:app', 'gift-cards', '--topic=inventory', '--skipInstall');
    await generate('lib', { name: 'stamps', layer: 2, skipInstall: true });
    await generate('slice', { name: 'loyalty-card', app: 'gift-cards' });
    for (const project of ['apps/gift-cards', 'libs/stamps']) link(copy, project);
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('are in every list, and leave nothing for nx sync to do', async () => {
    expect(await nx('sync:check')).toContain('up to date');
    for (const [path, text] of [
      ['tools/dev/src/app-list.ts', `'gift-cards': { stage: 'work', migratesAfter: [], hasTables: true }`],
      ['tools/workspace/src/monolith/apps.ts', 'giftCards, inventory'],
      ['tools/workspace/src/monolith/schemas.ts', `{ name: 'gift-cards', schemas: giftCardsSchemas }`],
      ['docker/compose.yaml', 'migrate-gift-cards:'],
      ['ARCHITECTURE.md', '| app | `gift-cards` |'],
      ['ARCHITECTURE.md', '| 2 | `stamps` |'],
    ] as const) expect(readFileSync(join(copy, path), 'utf8')).toContain(text);
  });

  it('type-checks', async () => {
    const check = {
      extends: './tsconfig.base.json',
      compilerOptions: { composite: false, noEmit: true, rootDir: '.' },
      include: ['apps/gift-cards/src', 'libs/stamps/src', 'tools/chaos/src', 'tools/dev/src', 'tools/workspace/src/monolith'],
    };
    writeFileSync(join(copy, 'tsconfig.check.json'), JSON.stringify(check));

    expect(await run('tsc', {}, '-p', 'tsconfig.check.json')).toBe('');
  });

  it('lints', async () => {
    // Not in the root, where ESLint loads the types of all projects.
    expect(await run('eslint', { cwd: 'apps' }, '--max-warnings', '0', 'gift-cards', '../libs/stamps')).toBe('');
  });

  it('passes its own specs', async () => {
    const output = await run('jest', {}, '--projects', 'apps/gift-cards', 'libs/stamps');

    expect(output).toContain('PASS gift-cards apps/gift-cards/src/gift-cards.int.spec.ts');
    expect(output).toContain('PASS gift-cards apps/gift-cards/src/loyalty-card/loyalty-card.spec.ts');
    expect(output).toContain('PASS stamps libs/stamps/src/stamps.spec.ts');
  });

  it('builds for deployment', async () => {
    await nx('build', 'gift-cards');

    expect(readdirSync(join(copy, 'apps/gift-cards/dist/deploy'))).toEqual(expect.arrayContaining(['main.js', 'migrate.js', 'package.json']));
  });

  it.each([
    ['app', { name: 'giftCards', topic: 'orders' }, `the name is kebab-case, such as gift-cards, not 'giftCards'`],
    ['app', { name: 'orders', topic: 'orders' }, 'there is a apps/orders'],
    ['lib', { name: 'std', layer: 1 }, 'there is a libs/std'],
    ['slice', { name: 'coupon', app: 'nowhere' }, 'there is no apps/nowhere'],
    ['slice', { name: 'stock', app: 'inventory' }, 'there is a apps/inventory/src/stock'],
  ])('is nothing for %s %j, with a reason', async (generator, options, reason) => {
    await expect(generate(generator, options)).rejects.toThrow(reason);
  });

  /** Like `nx g`, without its start-up. */
  async function generate(generator: string, options: object): Promise<void> {
    const tree = new FsTree(copy, false);
    await jest.requireActual<Generator>(`../generators/${generator}.cjs`)(tree, options);
    flushChanges(copy, tree.listChanges());
  }

  function nx(...args: string[]): Promise<string> {
    return run('nx', {}, ...args);
  }

  /** Both outputs of a program of node_modules. Its failure shows them as well. */
  async function run(program: string, { cwd = '' }, ...args: string[]): Promise<string> {
    const env = {
      ...process.env, CI: 'true', NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0',
      // The servers of this workspace, and a project graph of the copy's own.
      AISLE_DATA_DIR: process.env['AISLE_DATA_DIR'] || join(root, '.aisle'), NX_WORKSPACE_DATA_DIRECTORY: join(copy, '.nx/data'),
    };
    const all = [join(copy, 'node_modules/.bin', program), ...args];
    const result = await execute(process.execPath, all, { cwd: join(copy, cwd), env, maxBuffer: 64 * 1024 * 1024 }).catch(
      (failed: { stdout: string; stderr: string }) => {
        throw new Error(`${program} ${args.join(' ')}: ${failed.stdout}${failed.stderr}`);
      },
    );
    return result.stdout + result.stderr;
  }
});

/** The files that git knows or would add, and a node_modules whose workspace packages are the copy's. */
function copyWorkspace(copy: string): void {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  for (const path of listed.split('\n').filter((each) => each !== '' && existsSync(join(root, each)))) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  mkdirSync(join(copy, 'node_modules/@aisle'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@aisle' && name !== '.cache') symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name));
  }
  for (const group of ['libs', 'apps', 'tools', 'examples']) {
    for (const name of readdirSync(join(copy, group))) link(copy, `${group}/${name}`);
  }
}

function link(copy: string, project: string): void {
  const { name } = JSON.parse(readFileSync(join(copy, project, 'package.json'), 'utf8')) as { name: string };
  symlinkSync(join(copy, project), join(copy, 'node_modules', name));
}
