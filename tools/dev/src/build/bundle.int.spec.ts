import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';
import { bundle } from './bundle.ts';

describe('a bundle', () => {
  let folder: string;
  beforeAll(() => {
    // Inside the workspace, where its program finds the packages that stay outside.
    const cache = join(workspaceRoot, 'node_modules/.cache');
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, 'bundle-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('keeps the names of classes with one name in two modules, and sets no name of a function', async () => {
    write('one.ts', 'export class Full extends Error { get text() { return [1].map((each) => each).join(); } }');
    write('other.ts', 'export class Full extends Error {}');
    write('main.ts', `import * as one from './one.ts';
      import * as other from './other.ts';
      const joined = () => new one.Full().text;
      console.log(one.Full.name, other.Full.name, joined());`);

    await bundle({ main: join(folder, 'main.ts') }, [], join(folder, 'out'));

    const program = join(folder, 'out/main.js');
    expect(execFileSync(process.execPath, [program], { encoding: 'utf8' })).toBe('Full Full 1\n');
    const named = readFileSync(program, 'utf8').match(/__name\([^)]*\)/g);
    expect(named).toEqual(['__name(this,"Full")', '__name(this,"Full")']);
  });

  it('prints stacks with the lines of its sources', async () => {
    write('failing.ts', `interface Input { readonly text: string }

export function fail({ text }: Input): never {
  throw new Error(text);
}`);
    write('caller.ts', `import { fail } from './failing.ts';
try { fail({ text: 'lost' }); } catch (error) { console.log((error as Error).stack); }`);

    await bundle({ caller: join(folder, 'caller.ts') }, [], join(folder, 'out'));

    const printed = execFileSync(process.execPath, [join(folder, 'out/caller.js')], { encoding: 'utf8' });
    expect(printed).toMatch(/^Error: lost\n +at fail \(.*failing\.ts:4:9\)\n +at .*caller\.ts:2:7/);
  });

  function write(name: string, code: string): void {
    writeFileSync(join(folder, name), code);
  }
});
