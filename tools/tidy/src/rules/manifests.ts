import { isBuiltin } from 'node:module';
import ts from 'typescript';
import { importsOf, packageOf } from '../modules.ts';
import {
  placeOf,
  walk,
  type CodeFile,
  type Manifest,
  type Project,
  type Workspace,
} from '../workspace.ts';

const layers: Readonly<Record<string, number>> = {
  std: 0,
  contracts: 1, telemetry: 1,
  supervision: 2, pricing: 2,
  registry: 3, broker: 3, persistence: 3,
  journal: 4, pipeline: 4,
  events: 5,
  cluster: 6,
  platform: 7,
};

/** Every project carries the tags from which lint knows what it may import. */
export function tags({ projects }: Workspace): string[] {
  return projects.flatMap((project) => {
    const at = `${project.path}/package.json:1`;
    const wanted = tagsOf(project);
    if (!wanted) return [`${at} has no layer: add it to tools/tidy/src/rules/manifests.ts`];
    const found = project.manifest.nx?.tags?.filter((tag) => /^(type|layer):/.test(tag)) ?? [];
    if ([...wanted].sort().join() === [...found].sort().join()) return [];
    return [`${at} nx.tags are [${found.join()}]: make them [${wanted.join()}]`];
  });
}

function tagsOf({ kind, name }: Project): string[] | undefined {
  if (kind === 'apps') return ['type:app'];
  if (kind === 'tools') return ['type:tool'];
  if (name === 'simulation') return ['type:tests'];
  return name in layers ? ['type:lib', `layer:${layers[name]}`] : undefined;
}

/** What a project imports is in its package.json, and what is there it imports. */
export function dependencies(workspace: Workspace): string[] {
  const root = manifestAt(workspace, 'package.json');
  return workspace.projects.flatMap((project) => {
    const files = [...workspace.code.values()].filter((file) => file.project === project);
    return [...undeclared(project, files, root), ...unused(workspace, project, files)];
  });
}

function undeclared(project: Project, files: readonly CodeFile[], root: Manifest): string[] {
  const { dependencies: forUsers = {}, devDependencies: forTests = {} } = project.manifest;
  const anywhere = { ...forUsers, ...project.manifest.peerDependencies };
  // Only the product is installed without its development dependencies.
  const inTests = { ...anywhere, ...forTests, ...root.devDependencies };
  return files.flatMap((file) => {
    const isProduct = project.kind !== 'tools' && !file.isTest && !/\.config\./.test(file.path);
    const declared = isProduct ? anywhere : inTests;
    const place = isProduct ? 'dependencies' : 'devDependencies';
    return importsOf(file).flatMap(({ specifier, node }) => {
      const name = packageOf(specifier);
      if (!name || isBuiltin(specifier) || name === project.manifest.name) return [];
      if (name in declared) return [];
      return [`${placeOf(file, node)} imports ${name}: add it to ${place} of ${project.path}`];
    });
  });
}

function unused(workspace: Workspace, project: Project, files: readonly CodeFile[]): string[] {
  const { dependencies: forUsers = {}, devDependencies: forTests = {} } = project.manifest;
  const product = mentionedIn(files.filter(({ isTest }) => !isTest));
  const anywhere = mentionedIn(files);
  const peers = peersOf(workspace, Object.keys({ ...forUsers, ...forTests }));
  const path = `${project.path}/package.json`;
  const lines = workspace.texts.get(path)?.split('\n') ?? [];

  const without = (users: ReadonlySet<string>, section: object, advice: string): string[] =>
    Object.keys(section)
      .filter((name) => !users.has(name) && !peers.has(name) && !name.startsWith('@types/'))
      .map((name) => {
        const line = lines.findIndex((text) => text.includes(`"${name}":`)) + 1;
        return `${path}:${line} ${name} is imported by nothing ${advice}`;
      });
  return [
    ...without(product, forUsers, 'that ships: remove it, or move it to devDependencies'),
    ...without(anywhere, forTests, 'here: remove it'),
  ];
}

/** What dependencies ask their users to install beside them. */
function peersOf(workspace: Workspace, dependencies: readonly string[]): ReadonlySet<string> {
  const manifests = dependencies.map((name) =>
    manifestAt(workspace, `node_modules/${name}/package.json`),
  );
  return new Set(manifests.flatMap(({ peerDependencies }) => Object.keys(peerDependencies ?? {})));
}

/** The packages that files import, or name in a string as a plug-in of something else. */
function mentionedIn(files: readonly CodeFile[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const file of files) {
    walk(file.tree, (node) => {
      const name = ts.isStringLiteralLike(node) ? packageOf(node.text) : undefined;
      if (name) found.add(name);
    });
  }
  return found;
}

/** A project that the root does not know is neither type-checked nor tested, and nobody notices. */
export function rootKnows(workspace: Workspace): string[] {
  const known = workspace.texts.get('tsconfig.json') ?? '';
  return workspace.projects.flatMap(({ path }) => {
    const files = [...workspace.texts.keys()].filter((file) => file.startsWith(`${path}/`));
    const found: string[] = [];
    if (files.includes(`${path}/tsconfig.json`) && !known.includes(`"${path}"`)) {
      found.push(`tsconfig.json:1 does not reference ${path}: add it, or nothing type-checks it`);
    }
    const spec = files.find((file) => /\.(spec|sim)\.ts$/.test(file));
    if (spec && !files.includes(`${path}/jest.config.cjs`)) {
      found.push(`${spec}:1 is run by nothing: add ${path}/jest.config.cjs`);
    }
    return found;
  });
}

function manifestAt({ texts }: Workspace, path: string): Manifest {
  return JSON.parse(texts.get(path) ?? '{}') as Manifest;
}
