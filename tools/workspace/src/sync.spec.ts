import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FsTree } from 'nx/src/generators/tree';
import type { Tree } from '@nx/devkit';

type Sync = (tree: Tree) => Promise<unknown>;

const root = join(__dirname, '../../..');
const sync = jest.requireActual<Sync>('../generators/sync.cjs');

describe('nx sync', () => {
  it('finds nothing to write: the lists of apps follow from their package.json', async () => {
    const tree = new FsTree(root, false);

    await sync(tree);

    expect(tree.listChanges().map(({ path }) => path)).toEqual([]);
  });

  describe('with another app', () => {
    const folder = mkdtempSync(join(tmpdir(), 'aisle-sync-'));
    const files = ['docker/compose.yaml', 'ARCHITECTURE.md', 'tools/workspace/package.json', 'libs/platform/package.json'];
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    function treeWith(aisle: object): Tree {
      for (const path of files) write(path, readFileSync(join(root, path), 'utf8'));
      app('gateway', { stage: 'edge', port: 3000 });
      app('till', { stage: 'work', ...aisle });
      write('apps/till/src/migrate.ts', '');
      return new FsTree(folder, false);
    }

    function app(name: string, aisle: object): void {
      write(`apps/${name}/package.json`, JSON.stringify({ name: `@aisle/${name}`, description: `The ${name}.`, aisle }));
    }

    function write(path: string, text: string): void {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }

    it('names it in the launcher, the monolith, compose and the code map', async () => {
      const tree = treeWith({ port: 5000, instances: 2, replicas: 3 });

      await sync(tree);

      const text = (path: string): string => tree.read(path, 'utf8') ?? '';
      expect(text('tools/dev/src/app-list.ts')).toContain(
        `  till: { stage: 'work', port: 5000, instances: 2, migratesAfter: [], hasTables: true },\n`,
      );
      expect(text('tools/workspace/src/monolith/apps.ts')).toContain('export const APPS = [till, gateway];');
      expect(text('tools/workspace/src/monolith/schemas.ts')).toContain(`{ name: 'till', schemas: tillSchemas }`);
      expect(Object.keys((JSON.parse(text('tools/workspace/package.json')) as { dependencies: object }).dependencies)).toEqual([
        '@aisle/gateway', '@aisle/platform', '@aisle/till', 'reflect-metadata',
      ]);
      expect(text('docker/compose.yaml')).toMatch(/^ {2}migrate-till:$/m);
      expect(text('docker/compose.yaml')).toContain(`    deploy: { replicas: 3 }\n    ports: ['127.0.0.1:5000:5000']\n`);
      expect(text('docker/compose.yaml')).toContain('      till: { condition: service_healthy }\n');
      expect(text('ARCHITECTURE.md')).toContain('| app | `till` | The till. |');
    });

    it.each([
      [{ stage: 'sideways' }, 'stage is one of edge, work, routing, state, not sideways'],
      [{ prot: 5000 }, 'prot is none of stage, port, instances, replicas, migratesAfter, environment'],
      [{ migratesAfter: ['shop'] }, 'migratesAfter names shop, which is no app'],
    ])('refuses %j and says what is wrong', async (aisle, what) => {
      await expect(sync(treeWith(aisle))).rejects.toThrow(`apps/till/package.json, under "aisle": ${what}`);
    });
  });
});
