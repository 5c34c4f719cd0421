import { openSync, readSync, writeSync } from "node:fs";

const PORT = "/dev/virtio-ports/qmp";
const BUFFER = 65_536; // bytes

interface Reply {
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: unknown;
}

/** The monitor of the machine in which this runs: plugs devices in and out, and acts on them as a hand would. */
export class Qemu {
  readonly #fd = openSync(PORT, "r+");
  #rest = "";
  #id = 0;

  constructor() {
    this.execute("qmp_capabilities");
  }

  /** @throws Error QEMU refused */
  execute(command: string, args: object = {}): unknown {
    const reply = this.#ask(command, args);
    if (reply.error !== undefined) throw new Error(`${command}: ${JSON.stringify(reply.error)}`);
    return reply.return;
  }

  /** @param port of the USB controller, where the kernel calls it `1-PORT` */
  plug(id: string, driver: string, port: number, properties: object = {}): void {
    this.execute("device_add", { driver, id, bus: "xhci.0", port: `${port}`, ...properties });
  }

  unplug(id: string): void {
    this.execute("device_del", { id });
  }

  /** Presses a key of the keyboard that was plugged in last, and lets it go. */
  press(qcode: string): void {
    this.execute("send-key", { keys: [{ type: "qcode", data: qcode }] });
  }

  #ask(command: string, args: object): Reply {
    const id = ++this.#id;
    writeSync(this.#fd, `${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    return this.#replyTo(id);
  }

  #replyTo(id: number): Reply {
    for (;;) {
      const [line = "", ...rest] = this.#rest.split("\n");
      if (rest.length === 0) {
        this.#rest += this.#read();
        continue;
      }
      this.#rest = rest.join("\n");
      const reply = JSON.parse(line) as Reply; // or an event, or the greeting
      if (reply.id === id) return reply;
    }
  }

  #read(): string {
    const buffer = Buffer.alloc(BUFFER);
    return buffer.toString("utf8", 0, readSync(this.#fd, buffer));
  }
}
