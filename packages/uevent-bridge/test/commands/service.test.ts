import { expect, test, vi } from "vitest";

import type { ServiceManager } from "../../src/service/manager.js";
import { FakeIo } from "../fake-io.js";
import { LOOP0, LOOP1, smallMachine } from "../machine.js";

const WATCHDOG_MS = 40;

class FakeService implements ServiceManager {
  readonly watchdogMs = WATCHDOG_MS;
  readonly said: string[] = [];
  readonly lives: string[] = [];

  say(...variables: readonly string[]): void {
    this.said.push(variables.join("\n"));
  }

  sayNow(...variables: readonly string[]): void {
    this.lives.push(variables.join("\n"));
  }

  readonly kept = new Map<string, number>();
  keep(): void {}
  forget(): void {}
  [Symbol.dispose](): void {}
}

function asService(io: FakeIo): FakeService {
  const service = new FakeService();
  io.service = service;
  return service;
}

const ready = (service: FakeService): Promise<unknown> => vi.waitUntil(() => service.said.length > 0);

test("it is ready when all has been told, says what it serves, that it lives, and that it ends", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  const service = asService(io);
  const listener = io.kernel.directory(`${io.runtime.directory}/box`).bind("a.sock");
  const done = io.run("attach", "box", "--socket", `${io.runtime.directory}/box`, "--allow", LOOP0);
  await ready(service);
  expect(listener.readAll()).toHaveLength(1);
  expect(service.said[0]).toMatch(/^READY=1\nSTATUS=relays to box: socket .*\/box, netlink off$/);
  await vi.waitUntil(() => service.lives.length > 1);
  expect(new Set(service.lives)).toEqual(new Set(["WATCHDOG=1"]));
  io.interrupt();
  expect(await done).toBe(0);
  expect(service.said[1]).toMatch(/^STOPPING=1\n/);
  const lives = service.lives.length;
  await new Promise((resolve) => setTimeout(resolve, 2 * WATCHDOG_MS));
  expect(service.lives).toHaveLength(lives);
});

test("its container is told the difference by the next one, and nothing again", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  const directory = `${io.runtime.directory}/box`;
  const listener = io.kernel.directory(directory).bind("a.sock");
  const attach = async (during: () => Promise<void>): Promise<void> => {
    const next = io.beside();
    const service = asService(next);
    const done = next.run("attach", "box", "--socket", directory, "--allow", "subsystem=block");
    await ready(service);
    await during();
    next.interrupt();
    expect(await done).toBe(0);
  };
  await attach(async () => expect(headers(listener.readAll())).toEqual([`add@${LOOP0}`, `add@${LOOP1}`]));
  io.kernel.unplug(LOOP1);
  await attach(async () => expect(headers(listener.readAll())).toEqual([`remove@${LOOP1}`]));
});

function headers(datagrams: readonly Uint8Array[]): readonly string[] {
  return datagrams.map((bytes) => Buffer.from(bytes).toString("latin1").split("\0", 1)[0] ?? "");
}
