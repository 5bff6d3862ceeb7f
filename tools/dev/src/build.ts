// `nx build <app>`: everything to deploy is in apps/<app>/dist/deploy: run `npm ci --omit=dev` there, then `node
// main.js`. The rest of dist belongs to the type checker.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './build/bundle.ts';
import { makeDeployable } from './build/deployable.ts';
import { projectsOf } from './build/projects.ts';
import { workspaceRoot } from './workspace.ts';

async function main(folder: string | undefined): Promise<number> {
  if (folder === undefined || !existsSync(join(workspaceRoot, folder, 'src', 'main.ts'))) {
    console.error(`usage: build.ts apps/<app>; there is no ${folder}/src/main.ts`);
    return 2;
  }
  const outFolder = join(workspaceRoot, folder, 'dist', 'deploy');
  rmSync(outFolder, { recursive: true, force: true });
  const entries = Object.fromEntries(
    ['main', 'migrate'].map((name) => [name, `${folder}/src/${name}.ts`]).filter(([, path]) => existsSync(join(workspaceRoot, path!))),
  );
  const projects = projectsOf(folder);
  makeDeployable(projects[0]!.manifest, await bundle(entries, projects, outFolder), outFolder);
  const scripts = readdirSync(outFolder).filter((name) => /^[a-z.]+\.js$/.test(name));
  console.log(`${folder}/dist/deploy: ${scripts.join(', ')}`);
  return 0;
}

process.exit(await main(process.argv[2]));
