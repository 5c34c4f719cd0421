import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";

const COMPILERS = /^(.+-)?(cc|c\+\+|gcc|g\+\+|clang|clang\+\+|c89|c99|cpp|make|gmake|as|ld)([-.0-9].*)?$/;

/** A directory of links to every program on PATH but compilers, to be the whole PATH. */
export function withoutCompiler(directory) {
  mkdirSync(directory);
  for (const source of (process.env.PATH ?? "").split(delimiter).filter((path) => existsSync(path))) {
    for (const program of readdirSync(source).filter((name) => !COMPILERS.test(name))) {
      const link = join(directory, program);
      if (!existsSync(link)) tryToLink(join(source, program), link);
    }
  }
  return directory;
}

function tryToLink(target, link) {
  try {
    symlinkSync(target, link);
  } catch (error) {
    if (error.code !== "EEXIST") throw error; // a link that leads nowhere, twice on PATH
  }
}
