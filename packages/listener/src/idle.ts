/** What Node calls handles that hold the process only while they are read or written: standard input and output. */
const PERHAPS: ReadonlySet<string> = new Set(["PipeWrap", "TTYWrap"]);

/**
 * True if nothing that Node knows of holds the process. Polls and threads of addons, and running zlib and crypto jobs, it
 * does not know. Takes some milliseconds if only pipes or terminals are open, else less than one microsecond.
 */
export function isIdle(): boolean {
  const names = process.getActiveResourcesInfo();
  if (names.length === 0) return true;
  return names.every((name) => PERHAPS.has(name)) && !pipesAreActive();
}

interface Reporter {
  excludeNetwork?: boolean | undefined;
  getReport(): object;
}

interface Report {
  readonly libuv: readonly { readonly type: string; readonly is_active: boolean; readonly is_referenced?: boolean }[];
}

/** Only the report says whether a handle is active. */
function pipesAreActive(): boolean {
  const { libuv } = reportWithoutNetwork(process.report);
  return libuv.some(({ type, is_active, is_referenced }) => type !== "poll" && is_active && is_referenced);
}

/** With the network it would look up the name of each peer, and wait for the answers. */
function reportWithoutNetwork(reporter: Reporter): Report {
  const { excludeNetwork } = reporter;
  reporter.excludeNetwork = true;
  try {
    return reporter.getReport() as Report;
  } finally {
    reporter.excludeNetwork = excludeNetwork;
  }
}
