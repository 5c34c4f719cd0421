import { dirname } from "node:path";

/** The highest of the directories of a set that a path is, or is below; undefined if there is none. */
export function highestIn(directories: { has(path: string): boolean }, path: string): string | undefined {
  let highest: string | undefined;
  for (let at = path; at !== "."; at = dirname(at)) if (directories.has(at)) highest = at;
  return highest;
}

/** Those of some paths that are below a directory. */
export function allBelow(directory: string, paths: Iterable<string>): readonly string[] {
  return [...paths].filter((path) => path.startsWith(`${directory}/`));
}

/** A path as it is seen from a directory above it. */
export function seenFrom(directory: string, path: string): string {
  return path.slice(directory.length + 1);
}
