import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';

export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly engines?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
}

export interface Project {
  /** Relative to the root of the workspace, such as `libs/std`. */
  readonly folder: string;
  readonly manifest: PackageJson;
}

/** The app and all of its direct and indirect workspace packages. */
export function projectsOf(appFolder: string): Project[] {
  const known = new Map(workspaceProjects().map((project) => [project.manifest.name, project]));
  const needed = new Map<string, Project>();
  const visit = (project: Project) => {
    if (needed.has(project.manifest.name)) return;
    needed.set(project.manifest.name, project);
    for (const name of Object.keys(project.manifest.dependencies ?? {})) {
      const local = known.get(name);
      if (local !== undefined) visit(local);
    }
  };
  visit({ folder: appFolder, manifest: readManifest(appFolder) });
  return [...needed.values()];
}

function readManifest(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(workspaceRoot, folder, 'package.json'), 'utf8')) as PackageJson;
}

function workspaceProjects(): Project[] {
  return ['libs', 'apps', 'tools'].flatMap((group) =>
    readdirSync(join(workspaceRoot, group), { withFileTypes: true }).flatMap((entry) => {
      const folder = `${group}/${entry.name}`;
      try {
        return entry.isDirectory() ? [{ folder, manifest: readManifest(folder) }] : [];
      } catch {
        // A folder without a package.json is not a project.
        return [];
      }
    }),
  );
}
