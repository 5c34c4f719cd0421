/** A call of the system that a relay made while it was traced. */
export interface Call {
  /** `main` is the thread on which its JavaScript runs; `other` threads and the processes that it starts. */
  readonly thread: "main" | "other";
  readonly name: string;
  /** Which of this name on its thread, counted from 1. */
  readonly number: number;
  /** What was asked of the relay when it was made. */
  readonly phase: string;
  /** Alike for those that are made for the same thing. */
  readonly kind: string;
}

/** What of the system's is left out, and why. */
export const LEFT_OUT: readonly (readonly [calls: string, reason: string])[] = [
  ["brk madvise mprotect mremap munmap", "memory of Node's: without it V8 ends the process, as a kill does"],
  ["epoll_create1 epoll_ctl eventfd2", "libuv ends the process where they fail, as a kill does"],
  ["epoll_pwait epoll_wait futex restart_syscall sched_yield", "waiting: these errors are none of theirs"],
  [
    "close",
    "Linux closes the descriptor whatever it says; a call that strace refuses is not made, and so leaks by itself",
  ],
  [
    "clock_gettime exit exit_group getegid geteuid getgid getpid gettid getuid rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity set_robust_list sigaltstack tgkill umask wait4 waitid",
    "they do not fail so",
  ],
  [
    "execve prctl prlimit64 arch_prctl set_tid_address getrandom",
    "the start of a program that the relay runs, before its own code",
  ],
];

const EXCLUDED = new Set(LEFT_OUT.flatMap(([calls]) => calls.split(" ")));
/** Of the test itself, and of libuv's wake-ups and its inotify (with a buffer of 4 KiB), which end the process where they fail. */
const OWN = [
  /^(read|readv)\(0</,
  /^(write|writev)\(1</,
  /^(read|write)\(\d+<anon_inode:\[eventfd\]>/,
  /^read\(\d+<anon_inode:inotify>, .*, 4096\)/,
];

const LINE = /^(?:(\d+) +)?((\w+)\(.*)$/;

/** The calls of a trace of strace's, in their order. @param main pid of the relay @param names that stand for what differs in each run */
export function callsOf(lines: readonly string[], main: number, names: ReadonlyMap<string, string>): readonly Call[] {
  const counts = new Map<string, number>();
  let phase = "";
  const calls: Call[] = [];
  for (const line of lines) {
    const [, pid = `${main}`, text = "", name = ""] = LINE.exec(line) ?? [];
    if (text === "") continue;
    const key = `${pid} ${name}`;
    const number = (counts.get(key) ?? 0) + 1;
    counts.set(key, number);
    phase = phaseAfter(text) ?? phase;
    if (phase === "" || phase === "descriptors" || !isTried(name, text)) continue;
    const thread = Number(pid) === main ? "main" : "other";
    calls.push({ thread, name, number, phase, kind: kindOf(text, names) });
  }
  return calls;
}

/** What is done from here on: the relay reads what it is told. */
function phaseAfter(text: string): string | undefined {
  return /^read\(0<.*?"\[\\"(\w+)\\"/.exec(text)?.[1];
}

/** False of a line for a call that is none of the relay's to answer for. */
export function isTriedIn(line: string): boolean {
  const [, , text = "", name = ""] = LINE.exec(line) ?? [];
  return isTried(name, text);
}

function isTried(name: string, text: string): boolean {
  if (name === "mmap") return text.includes("MAP_SHARED");
  return !EXCLUDED.has(name) && OWN.every((own) => !own.test(text));
}

const WITH_BYTES =
  /^(read|write|pread|pwrite|send|recv|getdents|getsockopt|setsockopt|ioctl|bpf|newfstatat|fstat|statx|lstat|stat)/;

/** The call without what differs from one time to the next. */
export function kindOf(text: string, names: ReadonlyMap<string, string>): string {
  let kind = text.replace(/ = (-?\d|0x|\?).*$| <unfinished.*$/, "");
  for (const [value, name] of names) kind = kind.replaceAll(value, name);
  if (WITH_BYTES.test(kind) && !/^\w+\(([\w<]|\d+<[^>]*>, )*"\//.test(kind))
    kind = kind.replace(/"(\\.|[^"\\])*"/g, '""');
  kind = kind.replace(/"(?!\/)(\\.|[^"\\])*"/g, '"…"').replace(/(["<]\/[^/">]*\/[^/">]*\/[^/">]*)[^">]*/g, "$1");
  for (let before = ""; before !== kind;) [before, kind] = [kind, kind.replace(/\{[^{}]*\}|\[[^[\]]*\]/g, "_")];
  return kind
    .replace(/0x[\da-f]+/g, "#")
    .replace(/\d+/g, "#")
    .slice(0, 160);
}

/** The first, the middle and the last of each kind. */
export function samples(calls: readonly Call[]): readonly Call[] {
  return [...groupsOf(calls).values()].flatMap((alike) =>
    alike.filter((_, i) => [0, alike.length >> 1, alike.length - 1].includes(i)),
  );
}

function groupsOf(calls: readonly Call[]): ReadonlyMap<string, readonly Call[]> {
  const groups = new Map<string, Call[]>();
  for (const call of calls) {
    const key = `${call.thread} ${call.kind}`;
    const alike = groups.get(key);
    if (alike) alike.push(call);
    else groups.set(key, [call]);
  }
  return groups;
}
