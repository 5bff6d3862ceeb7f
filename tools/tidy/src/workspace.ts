import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** The part of a package.json that the rules look at. */
export interface Manifest {
  readonly name?: string;
  readonly exports?: Record<string, Record<string, string>>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly nx?: { readonly tags?: readonly string[] };
}

export interface Project {
  /** `libs/std`. */
  readonly path: string;
  readonly kind: 'libs' | 'apps' | 'tools';
  /** `std`. */
  readonly name: string;
  readonly manifest: Manifest;
}

/** A file of code, parsed. */
export interface CodeFile {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly project: Project | undefined;
  /** Specs, simulations and what stands in a `testing` folder. */
  readonly isTest: boolean;
}

/** All files by their path from the root, and what they amount to. */
export interface Workspace {
  readonly texts: ReadonlyMap<string, string>;
  readonly projects: readonly Project[];
  readonly code: ReadonlyMap<string, CodeFile>;
}

/** One finding a line: `path:line what is wrong: what to do`. No findings, no lines. */
export type Rule = (workspace: Workspace) => string[];

const SKIPPED = new Set([
  'node_modules', 'dist', 'coverage', 'evidence', 'docs/api', '.git', '.nx', '.aisle',
]);

/** Reads the tree at `root`, and of node_modules only the manifests of what projects depend on. */
export function readWorkspace(root: string): Workspace {
  const texts: Record<string, string> = {};
  const read = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name);
      if (SKIPPED.has(entry.name) || SKIPPED.has(path)) continue;
      if (entry.isDirectory()) read(path);
      else if (entry.isFile()) texts[path] = readFileSync(join(root, path), 'utf8');
    }
  };
  read('.');
  for (const { manifest } of projectsIn(texts)) {
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      const path = `node_modules/${name}/package.json`;
      try {
        texts[path] ??= readFileSync(join(root, path), 'utf8');
      } catch {
        // Not installed: then it is nobody's peer either, and the rules need no more than that.
      }
    }
  }
  return workspaceOf(texts);
}

/** The workspace that these files make up. */
export function workspaceOf(files: Record<string, string>): Workspace {
  const texts = new Map(Object.entries(files));
  const projects = projectsIn(files);
  const code = new Map<string, CodeFile>();
  for (const [path, text] of texts) {
    if (!/\.[cm]?[jt]sx?$/.test(path)) continue;
    code.set(path, {
      path,
      text,
      tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true),
      project: projects.find((project) => path.startsWith(`${project.path}/`)),
      isTest: /\.(spec|sim)\.tsx?$|\/testing\//.test(path),
    });
  }
  return { texts, projects, code };
}

/** `path:line` of a node, as editors and terminals open it. */
export function placeOf(file: CodeFile, node: ts.Node): string {
  const { line } = file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree));
  return `${file.path}:${line + 1}`;
}

/** Calls `visit` for every node below `node`, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  ts.forEachChild(node, (child) => {
    visit(child);
    walk(child, visit);
  });
}

function projectsIn(files: Record<string, string>): Project[] {
  return Object.entries(files).flatMap(([path, text]) => {
    const [, kind, name] = /^(libs|apps|tools)\/([^/]+)\/package\.json$/.exec(path) ?? [];
    if (!kind || !name) return [];
    const manifest = JSON.parse(text) as Manifest;
    return [{ path: `${kind}/${name}`, kind: kind as Project['kind'], name, manifest }];
  });
}
