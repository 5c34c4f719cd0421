import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import { expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { AttributeReader } from "../src/attributes.js";
import { Hand } from "../src/dev/hand.js";
import { Locks } from "../src/directory-lock.js";
import { MountTables } from "../src/mount-tables.js";
import { openShadow } from "../src/shadow.js";

const MISSING = join(import.meta.dirname, "nowhere/uevent-agent");

/** The error of opening a shadow at a name in a directory of the test's own. */
async function errorOf(prepare: (path: string) => unknown, agent?: string): Promise<unknown> {
  using directory = temporaryDirectory();
  const path = join(directory.path, "shadows", "box");
  mkdirSync(join(directory.path, "shadows"), { mode: 0o700 });
  await prepare(path);
  const kernel = openLinux(agent === undefined ? {} : { agent: () => agent });
  try {
    (await kernel.openShadow(path)).close();
  } catch (error) {
    return error;
  } finally {
    expect(existsSync(join(directory.path, "shadows"))).toBe(true);
  }
  return undefined;
}

test.each([
  ["a file", (path: string) => writeFileSync(path, "")],
  ["a directory", (path: string) => mkdirSync(path)],
  ["in a directory that others may write to", (path: string) => chmodSync(join(path, ".."), 0o777)],
])("%s is no shadow", async (_name, prepare) => {
  expect(await errorOf(prepare, MISSING)).toMatchObject({ code: "PATH_UNUSABLE" });
});

test("who listens there and holds none is not spoken into", async () => {
  const server = createServer();
  const listen = (path: string) => once(server.listen(path), "listening");
  const error = await errorOf(listen, MISSING);
  server.close();
  expect(error).toMatchObject({
    code: "PATH_UNUSABLE",
    message: expect.stringContaining(`process ${process.pid}`) as string,
  });
});

test("who has ended is not mistaken for the process that has its pid by now", needs("user namespaces"), async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, "box");
  const later = spawn("unshare", ["--user", "--map-root-user", "--net", "sh", "-c", "echo; exec sleep 60"]);
  try {
    const server = createServer();
    await Promise.all([once(later.stdout, "data"), once(server.listen(path), "listening")]);
    const addon = { ...loadAddon(), socketPeer: () => (server.close(), later.pid ?? 0) };
    const notNeeded = (): never => expect.unreachable();
    const tools = {
      openOwnSource: notNeeded,
      openOwnDevices: notNeeded,
      hand: new Hand(addon),
      mounts: new MountTables(addon),
      locks: new Locks(addon, []),
      openSysDirectory: notNeeded,
      enteredReceiveBuffer: 0,
      agent: notNeeded,
    };
    const opening = openShadow({ addon, attributes: new AttributeReader(addon), ...tools }, path);
    await expect(opening).rejects.toMatchObject({
      code: "PATH_UNUSABLE",
      message: expect.stringContaining("ended at once") as string,
    });
  } finally {
    later.kill("SIGKILL");
  }
});

test.each([
  ["without the program that would hold it", undefined, "ADDON_MISSING"],
  ["with a program that is not there", MISSING, "ADDON_MISSING"],
  ["with a program of which spawn throws", "\0", "ADDON_MISSING"],
  ["with a path that the kernel does not take", "/x".repeat(3000), "ADDON_MISSING"],
  ["with a program that ends", "/bin/false", "PATH_UNUSABLE"],
])("%s it says what to do", async (_name, agent, code) => {
  const error = await errorOf(() => {}, agent);
  expect(error).toMatchObject({ code });
  expect((error as { remedy: string }).remedy).not.toBe("");
});
