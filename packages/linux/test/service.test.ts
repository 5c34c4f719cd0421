import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

import { Service } from "@uevent-bridge/linux";
import { describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";

const SAID_MAX = 2000; // far more than a socket of Linux lets wait

describe("a service manager", needs("debian package python3"), () => {
  test.each(["by its path", "by its name"])("is told %s, with descriptors to keep", async (how) => {
    await using manager = await Manager.start(how === "by its name");
    using service = new Service({ socket: manager.path });
    const file = openSync("/dev/null", "r");
    service.say("READY=1", "STATUS=serves");
    service.keep("null", file);
    service.forget("null");
    closeSync(file);
    expect(await manager.read(3)).toEqual([
      ["READY=1\nSTATUS=serves", []],
      ["FDSTORE=1\nFDNAME=null\nFDPOLL=0", ["/dev/null"]],
      ["FDSTOREREMOVE=1\nFDNAME=null", []],
    ]);
  });

  test("that does not read is not waited for, and hears the rest in order when it does", async () => {
    await using manager = await Manager.start(false);
    using service = new Service({ socket: manager.path });
    let taken = 0;
    while (
      taken < SAID_MAX &&
      loadAddon().sayToService(manager.path, Buffer.from("WATCHDOG=1"), new Uint8Array()) === 0
    )
      taken++;
    const since = performance.now();
    service.say("READY=1");
    service.sayNow("WATCHDOG=1");
    service.say("STATUS=serves");
    expect(performance.now() - since).toBeLessThan(5000); // who waits does so for ever
    expect(taken).toBeLessThan(SAID_MAX);
    const heard = await manager.read(taken + 2);
    expect(heard.slice(taken)).toEqual([
      ["READY=1", []],
      ["STATUS=serves", []],
    ]);
  });

  test("that has gone, or was never there, stops nobody", async () => {
    using service = new Service({ socket: "/nowhere/notify" });
    for (let i = 0; i < 20; i++) service.say("READY=1");
    await wait(60);
  });
});

test("a kept descriptor is taken for the source only if it is one", () => {
  const addon = loadAddon();
  const file = openSync("/dev/null", "r");
  const sockets = {
    kernel: addon.openUeventSocket(1, 4096),
    udev: addon.openUeventSocket(2, 4096),
    both: addon.openUeventSocket(3, 4096),
  };
  expect(addon.checkSource(sockets.kernel)).toBe(0);
  for (const other of [sockets.udev, sockets.both, file, -1]) expect(addon.checkSource(other)).toBeLessThan(0);
  for (const fd of [file, ...Object.values(sockets)]) closeSync(fd);
});

/** A program that stands for systemd. */
class Manager implements AsyncDisposable {
  readonly path: string;
  readonly #place = temporaryDirectory();
  readonly #program: ReturnType<typeof spawn>;
  readonly #lines: AsyncIterator<string>;

  private constructor(isAbstract: boolean) {
    this.path = isAbstract ? `@uevent-bridge-test-${process.pid}` : join(this.#place.path, "notify");
    const file = new URL("service-manager.py", import.meta.url).pathname;
    this.#program = spawn("python3", [file, this.path], { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#program.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  static async start(isAbstract: boolean): Promise<Manager> {
    const manager = new Manager(isAbstract);
    await manager.#lines.next();
    return manager;
  }

  /** Reads so many messages, and waits for them. */
  async read(count: number): Promise<unknown[]> {
    this.#program.stdin?.write(`${count}\n`);
    const heard: unknown[] = [];
    while (heard.length < count) heard.push(JSON.parse((await this.#lines.next()).value as string));
    return heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#program.kill();
    await once(this.#program, "close");
    this.#place[Symbol.dispose]();
  }
}
