import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { BridgeError, Relay } from "@uevent-bridge/relay";
import { expect, test, vi } from "vitest";

import { LOOP0, LOOP1, disk } from "./scene.js";
import { EXCLUSIVE, PART, attach, begin, isBlock, rejection, told } from "./state-stage.js";

const isRoot = process.geteuid?.() === 0;
const FILES_MAX = 1024; // with which another claim is made

const damages: readonly (readonly [what: string, damage: (path: string) => void])[] = [
  ["is cut off", (path) => writeFileSync(path, readFileSync(path, "utf8").slice(0, 40))],
  ["is of another device", (path) => writeFileSync(path, readFileSync(path, "utf8").replace(/incarnation":"/, "$&9"))],
  ["names no container", (path) => writeFileSync(path, readFileSync(path, "utf8").replace('"a"', '"../a"'))],
  ["is a link", (path) => (rmSync(path), symlinkSync("/etc/passwd", path))],
  ["may be written by others", (path) => chmodSync(path, 0o666)],
  ["is a directory", (path) => (rmSync(path), mkdirSync(path))],
  ...(isRoot ? [["is somebody else's", (path: string) => chownSync(path, 65_534, 65_534)] as const] : []),
  ["is large", (path) => writeFileSync(path, Buffer.alloc(1_000_000, 32))],
];

test.each(damages)(
  "a claim that %s is said with its name, its device is given to nobody, and nothing else is lost",
  async (_, damage) => {
    const { stateDir, open, files } = begin();
    const first = await open();
    await attach(first, "a", EXCLUSIVE);
    const [file = ""] = files();
    await attach(first, "c", `${LOOP1},exclusive`);
    await first.close();
    damage(join(stateDir, file));
    const second = await open();
    const warned = new Promise<unknown>((resolve) => second.once("warning", resolve));
    const damaged = { code: "STATE_DAMAGED", message: expect.stringContaining(file) as string };
    expect(await warned).toMatchObject(damaged);
    expect(await rejection(attach(second, "a", EXCLUSIVE))).toMatchObject(damaged);
    expect(await told(await attach(second, "c", `${LOOP1},exclusive`))).toEqual([LOOP1]);
    rmSync(join(stateDir, file), { recursive: true });
    expect(await told(await attach(second, "a", EXCLUSIVE))).toEqual([LOOP0]);
  },
);

test("a file that is damaged while its container holds the device takes nothing from it", async () => {
  const { stateDir, open, files } = begin();
  const relay = await open();
  const a = await attach(relay, "a", EXCLUSIVE);
  const warned = new Promise<unknown>((resolve) => relay.once("warning", resolve));
  writeFileSync(join(stateDir, files()[0] ?? ""), "");
  expect(await warned).toMatchObject({ code: "STATE_DAMAGED" });
  expect(await told(a)).toEqual([LOOP0]);
});

test("the directory must be one of this user alone", async () => {
  const { stateDir, open } = begin();
  await (await open()).close();
  chmodSync(stateDir, 0o755);
  expect(await rejection(open())).toMatchObject({
    code: "PATH_UNUSABLE",
    message: expect.stringContaining(stateDir) as string,
  });
  rmSync(stateDir, { recursive: true });
  symlinkSync(tmpdir(), stateDir);
  expect(await rejection(open())).toMatchObject({ code: "PATH_UNUSABLE" });
});

test("a claim that cannot be written is said once, and is made when there is room", async () => {
  const { kernel, stateDir, open } = begin();
  const relay = await open();
  const warned = warningsOf(relay);
  const a = await attach(relay, "a", "sysname=loop0p1,exclusive", EXCLUSIVE.replace("loop0", "loop1"));
  fill(stateDir, FILES_MAX);
  const full = { code: "PATH_UNUSABLE", message: expect.stringContaining(stateDir) as string };
  expect(await rejection(attach(relay, "b", EXCLUSIVE))).toMatchObject(full);
  kernel.plug(PART, disk(1, "loop0p1"));
  await new Promise((resolve) => setTimeout(resolve, 1300)); // it is tried each second
  expect(warned).toEqual([expect.objectContaining(full)]);
  expect(await told(a)).toEqual([LOOP1]);
  for (let i = 0; i < FILES_MAX; i++) rmSync(join(stateDir, `${i}`));
  await vi.waitFor(async () => expect(await told(a)).toEqual([PART, LOOP1]), { timeout: 10_000 });
});

test("a directory with more files than are looked at frees nothing that is held", async () => {
  const { stateDir, open } = begin();
  const [one, other] = [await open(), await open()];
  const warned = [warningsOf(one), warningsOf(other)];
  const a = await attach(one, "a", EXCLUSIVE);
  const sharer = await attach(other, "sharer", isBlock);
  await vi.waitFor(async () => expect(await told(sharer)).toEqual([LOOP1]));
  fill(stateDir, 2 * FILES_MAX);
  const full = { code: "PATH_UNUSABLE", message: expect.stringContaining("2048 files") as string };
  await vi.waitFor(() => expect(warned).toMatchObject([[full], [full]]), { timeout: 10_000 });
  expect([await told(a), await told(sharer)]).toEqual([[LOOP0], [LOOP1]]);
  expect(await rejection(attach(other, "b", EXCLUSIVE))).toMatchObject({ code: "HELD" });
  expect(await rejection(open())).toMatchObject(full);
});

function fill(directory: string, files: number): void {
  for (let i = 0; i < files; i++) writeFileSync(join(directory, `${i}`), "");
}

function warningsOf(relay: Relay): BridgeError[] {
  const warned: BridgeError[] = [];
  relay.on("warning", (warning) => warned.push(warning));
  return warned;
}
