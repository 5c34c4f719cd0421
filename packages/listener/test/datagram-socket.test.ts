import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { DatagramSocket } from "../src/datagram-socket.js";
import { buildListener } from "./support/built.js";
import { containerDirectory } from "./support/container-directory.js";
import { settled } from "./support/settled.js";
import type { Socket } from "./support/unix-dgram.js";
import { createSocket, withSockets } from "./support/unix-dgram.js";

const addon = () => JSON.stringify(createRequire(import.meta.url).resolve("unix-dgram"));

/** What came, a cut datagram as "cut". */
function open(): { socket: DatagramSocket; came: (number | "cut")[] } {
  const came: (number | "cut")[] = [];
  const socket = new DatagramSocket({ onDatagram: (bytes) => came.push(bytes.length), onCut: () => came.push("cut") });
  onTestFinished(() => socket.close());
  return { socket, came };
}

/** unix-dgram itself, closed when the test ends. */
function openUnguarded(onMessage?: (bytes: Buffer) => void): Socket {
  const socket = createSocket(onMessage);
  onTestFinished(() => socket.close());
  return socket;
}

async function sent(path: string, ...lengths: number[]): Promise<void> {
  const sender = openUnguarded();
  sender.connect(path);
  for (const length of lengths) sender.send(Buffer.alloc(length, 1), () => {});
  await settled();
}

describe("an abstract name", withSockets, () => {
  test("unix-dgram binds it to the same address of NULs, whatever the name", () => {
    openUnguarded().bind("\0one");
    const second = openUnguarded();
    const errors: unknown[] = [];
    second.on("error", (error) => errors.push(error));
    second.bind("\0two");
    expect(errors).toMatchObject([{ syscall: "bind" }]);
    expect(readFileSync("/proc/net/unix", "latin1")).toContain("@".repeat(100));
  });

  test("is an error here", () => {
    const { socket } = open();
    expect(() => socket.bind("\0one")).toThrow(expect.objectContaining({ code: "PATH_UNUSABLE" }));
  });
});

describe("a path of more than 107 bytes", withSockets, () => {
  const name = "x".repeat(107);

  test("unix-dgram cuts it and binds another name", () => {
    const dir = containerDirectory();
    openUnguarded().bind(join(dir, name));
    expect(existsSync(join(dir, name))).toBe(false);
    expect(readdirSync(dir)).toHaveLength(1);
  });

  test.each(["bind", "connect"] as const)("is an error of %s here, and nothing is made", (call) => {
    const dir = containerDirectory();
    const { socket } = open();
    expect(() => socket[call](join(dir, name))).toThrow(expect.objectContaining({ code: "PATH_UNUSABLE" }));
    expect(readdirSync(dir)).toEqual([]);
  });

  test("107 bytes are bound", () => {
    const dir = containerDirectory();
    const path = join(dir, "x".repeat(106 - dir.length));
    expect(open().socket.bind(path)).toBeUndefined();
    expect(existsSync(path)).toBe(true);
  });

  test("bytes are counted, not characters", () => {
    const dir = containerDirectory();
    const path = join(dir, "ü".repeat(106 - dir.length));
    expect(() => open().socket.bind(path)).toThrow(/at most 107/);
  });
});

describe("a datagram of more than 64 KiB", withSockets, () => {
  test("unix-dgram delivers its beginning as if it were whole", async () => {
    const path = join(containerDirectory(), "s");
    const lengths: number[] = [];
    openUnguarded((bytes) => lengths.push(bytes.length)).bind(path);
    await sent(path, 70_000);
    expect(lengths).toEqual([65_536]);
  });

  test("is said to be cut here", async () => {
    const path = join(containerDirectory(), "s");
    const { socket, came } = open();
    socket.bind(path);
    await sent(path, 70_000, 65_535, 0, 1);
    expect(came).toEqual(["cut", 65_535, 1]);
  });
});

describe("closing twice", withSockets, () => {
  test("aborts the process with unix-dgram", () => {
    const program = `const s = require(${addon()}).createSocket("unix_dgram"); s.close(); s.close()`;
    expect(spawnSync(process.execPath, ["-e", program]).signal).toBe("SIGABRT");
  });

  test("is harmless here", () => {
    const { socket } = open();
    socket.close();
    socket.close();
  });
});

describe("an error", withSockets, () => {
  test("has a negative number as its code with unix-dgram", () => {
    const socket = openUnguarded();
    const codes: unknown[] = [];
    socket.on("error", ({ code }: { code: unknown }) => codes.push(code));
    socket.bind("/nowhere/s");
    expect(codes).toEqual([-2]);
  });

  test("has its name here", () => {
    expect(open().socket.bind("/nowhere/s")).toBe("ENOENT");
  });

  test("of an earlier call is forgotten", () => {
    const { socket } = open();
    socket.bind("/nowhere/s");
    expect(socket.bind(join(containerDirectory(), "s"))).toBeUndefined();
  });
});

describe("in a worker thread", withSockets, () => {
  // the worker of a fresh process: there, unix-dgram loads for the first time
  const inWorker = (program: string) => {
    const main = `new (require("worker_threads").Worker)(${JSON.stringify(program)}, { eval: true })`;
    return String(spawnSync(process.execPath, ["-e", main], { timeout: 20_000 }).stdout);
  };

  test("unix-dgram loads, and is then of no use to the main thread", () => {
    const program = `require(${addon()}); process.stdout.write("loaded")`;
    expect(inWorker(program)).toBe("loaded");
  });

  test("is an error here", async () => {
    const built = await buildListener();
    onTestFinished(() => built.remove());
    const listening = `import(${JSON.stringify(built.path)}).then(({ listen }) => listen({ dir: "/" }))`;
    const program = `${listening}.catch(({ code }) => process.stdout.write(code))`;
    expect(inWorker(program)).toBe("ADDON_MISSING");
  });
});
