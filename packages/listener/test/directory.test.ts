import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";

import { DatagramSocket } from "../src/datagram-socket.js";
import { openDirectory } from "../src/directory.js";
import { listen } from "../src/index.js";
import { isOurs, NAME_LIMIT, newName } from "../src/names.js";
import type { Built } from "./support/built.js";
import { buildListener } from "./support/built.js";
import { run } from "./support/child.js";
import { containerDirectory, longContainerDirectory } from "./support/container-directory.js";
import { FakeRelay, socketsIn } from "./support/fake-relay.js";
import { event, hello } from "./support/messages.js";
import { createSocket, deadSocket, withSockets } from "./support/unix-dgram.js";

const NOBODY = 65_534;

let built: Built;
beforeAll(async () => void (built = await buildListener()));
afterAll(() => built.remove());

describe("a directory that cannot be used is one sentence and a remedy:", withSockets, () => {
  const file = () => {
    const path = join(containerDirectory(), "file");
    writeFileSync(path, "");
    return path;
  };
  const removed = () => {
    const path = join(containerDirectory(), "d");
    mkdirSync(path);
    const fd = openSync(path, "r"); // as a mount does it, this leads there
    onTestFinished(() => closeSync(fd));
    rmdirSync(path);
    return `/proc/self/fd/${fd}`;
  };
  test.each([
    ["there is none", () => join(containerDirectory(), "none"), /no such directory/],
    ["it is a file", file, /not a directory/],
    ["an abstract name", () => "\0uevent", /abstract/],
    ["it was removed, and a mount still shows it", removed, /removed on the host/],
    ["no socket can be bound there", () => "/proc/self", /EACCES|EPERM|ENOENT/],
  ])("%s", async (_, dir, sentence) => {
    const error = await listen({ dir: dir() }).catch((error: unknown) => error);
    expect(error).toMatchObject({
      name: "ListenerError",
      code: "PATH_UNUSABLE",
      message: expect.stringMatching(sentence) as unknown,
    });
    expect(error).toMatchObject({ remedy: expect.stringMatching(/\.$/) as unknown });
  });
});

test("where another user owns the directory, the remedy says who may listen", () => {
  const dir = containerDirectory();
  chmodSync(dir, 0); // for an ordinary user
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) process.seteuid?.(NOBODY);
  try {
    expect(() => openDirectory(dir)).toThrow(
      expect.objectContaining({
        code: "PATH_UNUSABLE",
        message: expect.stringContaining("it may not be read by this user") as unknown,
        remedy: expect.stringMatching(/^Listen as the user who owns the directory: the container's root, /) as unknown,
      }),
    );
  } finally {
    process.seteuid?.(uid);
    chmodSync(dir, 0o700);
  }
});

test("a directory whose path is too long for a socket is reached through /proc", withSockets, async () => {
  const dir = longContainerDirectory();
  await using listener = await listen({ dir });
  expect(socketsIn(dir)).toHaveLength(1);
  const first = listener[Symbol.asyncIterator]().next();
  using relay = new FakeRelay(dir);
  await relay.say(hello, event(1));
  expect(await first).toMatchObject({ value: { devpath: "/devices/a" } });
  await listener.close();
  expect(socketsIn(dir)).toEqual([]);
});

describe("the name of a socket", () => {
  test("is never the same, so that a file that was left hinders nobody", () => {
    const names = Array.from({ length: 100 }, () => newName(".sock"));
    expect(new Set(names).size).toBe(100);
  });

  test.each([".sock", ".msgpack.sock"] as const)("with %s is one of ours and short enough", (suffix) => {
    const name = newName(suffix);
    expect(isOurs(name)).toBe(true);
    expect(name.length).toBeLessThanOrEqual(NAME_LIMIT);
  });

  test.each(["1-0123456789ab.udev.sock", "1-0123456789ab.libudev-zero.sock"])("%s is ours: the shim's", (name) => {
    expect(isOurs(name)).toBe(true);
  });

  test.each(["udevd.sock", "1-2.sock", ".1-0123456789ab.new", "1-0123456789ab.sock.sock"])("%s is not ours", (name) => {
    expect(isOurs(name)).toBe(false);
  });
});

describe("a listener that comes", withSockets, () => {
  const HIDDEN = ".1-0123456789ab.new";
  /** Which of these sockets, that nobody has open, are there still. */
  const open = async (names: readonly string[]) => {
    const dir = containerDirectory();
    for (const name of names) deadSocket(join(dir, name));
    await using _ = await listen({ dir });
    return names.filter((name) => existsSync(join(dir, name)));
  };

  test("sweeps what those left that were killed, but not what may be about to be bound", async () => {
    expect(await open(["1-0123456789ab.udev.sock", HIDDEN, "other.sock"])).toEqual([HIDDEN, "other.sock"]);
  });

  test("sweeps that too once it is older than 10 s", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 11_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await open([HIDDEN, ".1-0123456789ab.other"])).toEqual([".1-0123456789ab.other"]);
  });

  test("leaves that as long as somebody has it open", async () => {
    const dir = containerDirectory();
    const socket = createSocket(() => {});
    onTestFinished(() => socket.close());
    socket.bind(join(dir, HIDDEN));
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 11_000 });
    onTestFinished(() => void vi.useRealTimers());
    await using _ = await listen({ dir });
    expect(existsSync(join(dir, HIDDEN))).toBe(true);
  });
});

describe("a socket is found", withSockets, () => {
  test("by its name only after it was bound under a hidden one", async () => {
    const dir = containerDirectory();
    const seen: (string | null)[] = [];
    const watcher = watch(dir, (_, file) => seen.push(file));
    onTestFinished(() => watcher.close());
    await using listener = await listen({ dir });
    await expect.poll(() => seen.at(-1)).toBe(socketsIn(dir)[0]);
    expect(seen[0]).toMatch(/^\.\d+-[0-9a-f]+\.new$/);
    expect(listener.devices.size).toBe(0);
  });

  test("neither before it can be reached nor after it is closed", async () => {
    const dir = containerDirectory();
    const child = run(
      built.path,
      dir,
      `for (let i = 0; i < 500; i++) await (await listen({ dir })).close(); console.log("done")`,
    );
    const answers = new Set<string | undefined>();
    for (const ended = child.line().then(() => true); !(await Promise.race([ended, setTimeout(0, false)]));) {
      for (const name of socketsIn(dir)) answers.add(reach(join(dir, name)));
    }
    answers.delete("ENOENT"); // it was closed since it was listed
    expect([...answers]).toEqual([undefined]);
  });
});

function reach(path: string): string | undefined {
  const probe = new DatagramSocket({ onDatagram: () => {}, onCut: () => {} });
  try {
    return probe.connect(path);
  } finally {
    probe.close();
  }
}
