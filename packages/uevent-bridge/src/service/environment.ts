/** What systemd, or who speaks as it does, has given this process. */
export interface ServiceWords {
  /** Where it listens: an absolute path, or `@` and the name of an abstract socket. */
  readonly socket: string;
  /** Milliseconds after which it takes a process that says nothing for hung; undefined: it does not. */
  readonly watchdogMs: number | undefined;
  /** Descriptors that it has kept, by name. Those of one name: the last. */
  readonly kept: ReadonlyMap<string, number>;
}

const FIRST_FD = 3; // SD_LISTEN_FDS_START
const FDS_MAX = 64;
const NAMES = [
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "LISTEN_PID",
  "LISTEN_PIDFDID",
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
];

/**
 * Takes them out of an environment, so that no program which is started from it takes them for its own. Undefined if there is no service
 * manager.
 */
export function takeServiceWords(env: NodeJS.ProcessEnv, pid: number): ServiceWords | undefined {
  const words = wordsOf(env, pid);
  for (const name of NAMES) delete env[name];
  return words;
}

function wordsOf(env: NodeJS.ProcessEnv, pid: number): ServiceWords | undefined {
  const socket = env["NOTIFY_SOCKET"] ?? "";
  if (!/^[/@]./.test(socket)) return undefined;
  return { socket, watchdogMs: watchdogOf(env, pid), kept: keptOf(env, pid) };
}

function watchdogOf(env: NodeJS.ProcessEnv, pid: number): number | undefined {
  const ms = Math.floor(numberOf(env["WATCHDOG_USEC"]) / 1000);
  const isOurs = env["WATCHDOG_PID"] === undefined || numberOf(env["WATCHDOG_PID"]) === pid;
  return isOurs && ms > 0 ? ms : undefined;
}

function keptOf(env: NodeJS.ProcessEnv, pid: number): ReadonlyMap<string, number> {
  if (numberOf(env["LISTEN_PID"]) !== pid) return new Map();
  const names = (env["LISTEN_FDNAMES"] ?? "").split(":");
  const count = Math.min(numberOf(env["LISTEN_FDS"]), FDS_MAX);
  return new Map(Array.from({ length: count }, (_, i) => [names[i] ?? "", FIRST_FD + i]));
}

function numberOf(text = ""): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
