import { startPython, until } from "./program.js";
import type { Running } from "./program.js";

const SCRIPT = `
import base64, errno, socket, sys
sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30) # as much as may be: the reader's queue is what gets full
for line in sys.stdin:
    flags, path, text = line[:-1].split("\\t")
    try:
        sender.sendto(base64.b64decode(text), int(flags), path)
        print("sent", flush=True)
    except OSError as error:
        print(errno.errorcode[error.errno], flush=True)
`;

const DONTWAIT = 0x40;

/** Who sends datagrams, as the relay does. */
export class Sender implements AsyncDisposable {
  readonly #process: Running = startPython(SCRIPT);
  #asked = 0;

  /** Sends them one after the other, and waits while the socket is full. Says what came of each. */
  send(path: string, ...datagrams: readonly (Uint8Array | string)[]): Promise<readonly string[]> {
    return this.#send(path, 0, datagrams);
  }

  /** As send(), but waits for nobody. */
  try(path: string, ...datagrams: readonly (Uint8Array | string)[]): Promise<readonly string[]> {
    return this.#send(path, DONTWAIT, datagrams);
  }

  async #send(path: string, flags: number, datagrams: readonly (Uint8Array | string)[]): Promise<readonly string[]> {
    const before = this.#asked;
    this.#asked += datagrams.length;
    for (const each of datagrams) {
      this.#process.process.stdin?.write(`${flags}\t${path}\t${Buffer.from(each).toString("base64")}\n`);
    }
    await until(() => this.#process.lines.length >= this.#asked, "all are sent", 60_000);
    return this.#process.lines.slice(before, this.#asked);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}

/** An event in the kernel's form. */
export function uevent(action: string, devpath: string, variables: Readonly<Record<string, string>> = {}): string {
  const all = { ACTION: action, DEVPATH: devpath, SUBSYSTEM: "block", ...variables };
  const pairs = Object.entries(all).map(([name, value]) => `${name}=${value}`);
  return [`${action}@${devpath}`, ...pairs, ""].join("\0");
}
