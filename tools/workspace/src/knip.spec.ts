import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '../../..');
const execute = promisify(execFile);
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<'lint:unused', string> };
/** The arguments of both runs of `npm run lint:unused`. */
const [whole = '', production = ''] = scripts['lint:unused'].split(' && ').map((run) => run.replace('knip ', ''));

type Found = readonly { readonly name: string }[];

describe('knip.jsonc', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-knip-'));
  const files = {
    'package.json': {
      name: 'x', private: true, type: 'module', workspaces: ['libs/*'], devDependencies: { 'fast-check': '1', jest: '1' },
    },
    'libs/lamp/package.json': {
      name: '@aisle/lamp', type: 'module', exports: { '.': { '@aisle/source': './src/index.ts' } },
      dependencies: { pg: '1' }, devDependencies: { tap: '1' },
    },
    'libs/lamp/jest.config.cjs': `module.exports = { testMatch: ['<rootDir>/src/**/*.spec.ts'] };`,
    'libs/lamp/src/index.ts': `export { lamp } from './lamp.ts';`,
    'libs/lamp/src/lamp.ts':
      `import { z } from 'zod';\nimport { fc } from 'fast-check';\n`
      + 'export const lamp = () => z.parse(fc, inner());\nexport const inner = () => 1;\nexport const tested = 1;\nexport const lonely = 1;',
    'libs/lamp/src/lamp.spec.ts': `import { inner, tested } from './lamp.ts'; inner(); tested;`,
    'libs/lamp/src/attic.ts': 'export const attic = 1;',
  };

  beforeAll(() => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
    }
    copyFileSync(join(root, 'knip.jsonc'), join(folder, 'knip.jsonc'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('finds unused files, exports and dependencies, and dependencies that are not declared', async () => {
    expect(await findings(whole)).toEqual([
      'libs/lamp/package.json dependencies: pg',
      'libs/lamp/package.json devDependencies: tap',
      'libs/lamp/src/attic.ts files: libs/lamp/src/attic.ts',
      'libs/lamp/src/lamp.ts exports: lonely',
      'libs/lamp/src/lamp.ts unlisted: zod',
    ]);
  });

  it('finds product code that tests alone keep alive, and imports of what only tests depend on', async () => {
    expect(await findings(production)).toEqual([
      'libs/lamp/src/attic.ts files: libs/lamp/src/attic.ts',
      'libs/lamp/src/lamp.ts exports: lonely, tested',
      'libs/lamp/src/lamp.ts unlisted: fast-check, zod',
    ]);
  });

  async function findings(args: string): Promise<string[]> {
    const knip = join(root, 'node_modules/knip/bin/knip.js');
    const all = [knip, '--directory', folder, '--reporter', 'json', '--no-exit-code', ...args.split(' ')];
    const { stdout } = await execute(process.execPath, all, { cwd: folder });
    const { issues } = JSON.parse(stdout) as { issues: ({ file: string } & Record<string, unknown>)[] };
    return issues
      .filter(({ file }) => file.startsWith('libs/'))
      .flatMap(({ file, ...kinds }) => Object.entries(kinds as Record<string, Found>)
        .filter(([kind, found]) => kind !== 'owners' && found.length > 0)
        .map(([kind, found]) => `${file} ${kind}: ${namesOf(found)}`))
      .sort();
  }
});

function namesOf(found: Found): string {
  return found.map(({ name }) => name).sort().join(', ');
}
