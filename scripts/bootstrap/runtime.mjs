/** `glibc` or `musl`: a binary built for one does not load in the other. */
export function libc() {
  process.report.excludeNetwork = true; // it would look up host names
  return process.report.getReport().header.glibcVersionRuntime ? "glibc" : "musl";
}

/** What a compiled addon depends on. */
export const RUNTIME = [process.versions.modules, process.arch, libc()];
