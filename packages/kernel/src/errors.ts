/** What can go wrong at the boundary. docs/errors.md has a row for each. */
export type KernelErrorCode =
  | "ADDON_MISSING"
  | "ID_UNMAPPED"
  | "KERNEL_TOO_OLD"
  | "MAP_FULL"
  | "NO_PRIVILEGE"
  | "PATH_UNUSABLE"
  | "SYSTEM_REFUSED"
  | "TARGET_GONE"
  | "TARGET_NO_NETNS"
  | "TARGET_SHARES_HOST";

/** A surprise of the operating system. Expected outcomes of a call are values, never this. */
export class KernelError extends Error {
  override readonly name = "KernelError";
  readonly code: KernelErrorCode;
  /** What the reader can do about it, as a sentence. */
  readonly remedy: string;

  constructor(code: KernelErrorCode, message: string, remedy: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  EMFILE:
    "raise its limit of open files (ulimit -n; LimitNOFILE= of its unit), or serve fewer containers with one relay",
  ENFILE: "raise the machine's limit of open files (sysctl fs.file-max)",
  ENOSPC: "make room on that file system, or raise the limit of the system's that is reached",
  EDQUOT: "make room on that file system, or raise the quota",
  ENOMEM: "free some memory, or give the relay more (MemoryMax= of its unit), and try again",
  EPERM: "run as root, and see that neither seccomp nor a security module (AppArmor, SELinux) forbids it",
  EACCES: "run as root, and see that no security module (AppArmor, SELinux) forbids it",
};
const REMEDY = "see what else the system says of it (dmesg), and try again";

/** What the system refused, of which nothing better is known, becomes ours: what Node's own functions throw. Anything else stays what it is. */
export function asKernelError(error: unknown): unknown {
  if (!isOfSystem(error)) return error;
  const message = `the system refused what was asked of it: ${error.message}`;
  return new KernelError("SYSTEM_REFUSED", message, remedyFor(error.code), { cause: error });
}

/** @param code as the system says it: `EMFILE` */
export function remedyFor(code: string | undefined, otherwise = REMEDY): string {
  return REMEDIES[code ?? ""] ?? otherwise;
}

/** Codes of Node's own begin with `ERR_`. */
function isOfSystem(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code);
}
