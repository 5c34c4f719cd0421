import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { openLinux } from "@uevent-bridge/linux";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";

const DEVICE = "/devices/test";
const ONE = new Uint8Array([0x31]);
const LEASE = `
  const addon = require("node-gyp-build")(${JSON.stringify(fileURLToPath(new URL("..", import.meta.url)))});
  process.on("SIGIO", () => {}); // somebody wants the file: let it wait
  for (const path of process.argv.slice(1)) {
    const result = addon.leaseFile(require("node:fs").openSync(path, "r+"));
    if (result < 0) throw new Error("errno " + -result);
  }
  console.log("leased");
  setInterval(() => {}, 1000);
`;

let sysfs: string;

beforeEach(() => {
  sysfs = mkdtempSync(join(tmpdir(), "uevent-bridge-sysfs-"));
  mkdirSync(join(sysfs, DEVICE), { recursive: true });
});

afterEach(() => rmSync(sysfs, { recursive: true }));

function write(name: string, content: string): string {
  const path = join(sysfs, DEVICE, name);
  writeFileSync(path, content);
  return path;
}

/** Makes files that nobody can open for as long as it lives: what reads them waits. */
async function stick(paths: readonly string[]): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, ["-e", LEASE, ...paths], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  onTestFinished(() => void child.kill("SIGKILL"));
  return async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
}

test.each([
  ["one newline at the end is cut off", "1024\n", "1024"],
  ["another stays", "a\nb\n\n", "a\nb\n"],
  ["nothing is nothing", "", ""],
  ["a newline alone is nothing too", "\n", ""],
  ["bytes stay bytes", "\xff\0\x80\n", "\xff\0\x80"],
])("%s", async (_, content, value) => {
  writeFileSync(join(sysfs, DEVICE, "attribute"), content, "latin1");
  const bytes = await openLinux({ sysfs }).devices.attribute(DEVICE, "attribute", 10_000);
  expect(bytes && Buffer.from(bytes).toString("latin1")).toBe(value);
});

test("many are read at once", async () => {
  const { devices } = openLinux({ sysfs });
  const names = Array.from({ length: 300 }, (_, i) => `a${i}`);
  for (const name of names) write(name, name);
  const values = await Promise.all(names.map((name) => devices.attribute(DEVICE, name, 10_000)));
  expect(values.map((bytes) => Buffer.from(bytes ?? []).toString())).toEqual(names);
});

test("reads that never answer are given up, take four threads at most, and give them back", async () => {
  const { devices } = openLinux({ sysfs });
  write("quick", "1");
  const names = ["a", "b", "c", "d", "e"];
  const release = await stick(names.map((name) => write(name, "x")));
  const threads = countThreads();
  const stuck = names.slice(0, 3).map((name) => devices.attribute(DEVICE, name, 100));
  expect(await devices.attribute(DEVICE, "quick", 10_000)).toEqual(ONE);
  stuck.push(...names.slice(3).map((name) => devices.attribute(DEVICE, name, 100)));
  expect(await Promise.all(stuck)).toEqual(names.map(() => undefined));
  expect(countThreads()).toBe(threads + 4);
  expect(await devices.attribute(DEVICE, "quick", 100)).toBeUndefined(); // no thread is free in that time
  const late = devices.attribute(DEVICE, "quick", 10_000);
  await release();
  expect(await late).toEqual(ONE);
});

test("what closes while reads are in line answers them", async () => {
  const kernel = openLinux({ sysfs });
  write("quick", "1");
  const reads = Array.from({ length: 20 }, () => kernel.devices.attribute(DEVICE, "quick", 10_000));
  kernel.devices.close();
  expect((await Promise.all(reads)).every((bytes) => bytes?.length === 1)).toBe(true); // the host's sysfs opens again
});

function countThreads(): number {
  return readdirSync("/proc/self/task").length;
}
