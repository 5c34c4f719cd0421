import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { FakeIo } from "../fake-io.js";
import { LOOP0, LOOP1 } from "../machine.js";
import { PART, Scene } from "./scene.js";

const LOOP1_RIGHTS = "b 7:1 rw";

describe("grant", () => {
  test("lets a container see a device and open it, and revoke takes it back", async () => {
    using scene = await Scene.open();
    expect(scene.box.cgroup.mayOpen(LOOP1_RIGHTS)).toBe(false);
    expect(await scene.run("grant", "box", LOOP1)).toMatchObject({
      status: 0,
      stdout: "",
      stderr: `uevent-bridge: box sees ${LOOP1} from now on\n  To take it back: uevent-bridge revoke box ${LOOP1}.\n`,
    });
    expect(scene.box.cgroup.mayOpen(LOOP1_RIGHTS)).toBe(true);
    expect((await scene.run("grant", "box", LOOP1)).stderr).toContain(`box saw ${LOOP1} already`);
    expect(await scene.run("revoke", "box", LOOP1)).toMatchObject({
      status: 0,
      stderr: `uevent-bridge: box does not see ${LOOP1} any more\n  To give it back: uevent-bridge grant box ${LOOP1}.\n`,
    });
    expect(scene.box.cgroup.mayOpen(LOOP1_RIGHTS)).toBe(false);
    await scene.end();
  });

  test("says how many devices below come with it, and go", async () => {
    using scene = await Scene.open();
    expect((await scene.run("revoke", "box", LOOP0)).stderr).toContain("and 1 device below any more");
    expect((await scene.run("revoke", "box", LOOP0)).stderr).toContain(`box did not see ${LOOP0}, and will not`);
    expect((await scene.run("grant", "box", LOOP0)).stderr).toContain("and 1 device below from now on");
    await scene.end();
  });

  test("takes the words that a rule has", async () => {
    using scene = await Scene.open();
    await scene.run("grant", "box", LOOP1, "--access", "r", "--mode", "0640", "--owner", "5:6");
    expect(["b 7:1 r", LOOP1_RIGHTS].map((line) => scene.box.cgroup.mayOpen(line))).toEqual([true, false]);
    const [explained] = (await scene.run("explain", "box", LOOP1, "--json")).json;
    expect(explained).toMatchObject({ node: { mode: 0o640, uid: 5, gid: 6, access: "r" } });
    await scene.end();
  });

  test("a deny rule wins, and a revocation above it, which is said", async () => {
    using scene = await Scene.open("--deny", "devname=loop1");
    const denied = await scene.run("grant", "box", LOOP1);
    expect(denied.status).toBe(1);
    expect(denied.stderr).toMatch(/does not see .*loop1: the rule devname=loop1 hides it\n.*without --deny/);
    await scene.run("revoke", "box", LOOP0);
    const above = await scene.run("grant", "box", PART);
    expect(above.status).toBe(1);
    expect(above.stderr).toContain(`To lift that: uevent-bridge grant box ${LOOP0}`);
    await scene.end();
  });

  test("as JSON it is one object, and so is revoke", async () => {
    using scene = await Scene.open();
    scene.box.use({ type: "block", major: 7, minor: 1 }, { pid: 4711, comm: "dd" });
    const granted = await scene.run("grant", "box", LOOP1, "--json", "--access", "r");
    expect([granted.status, granted.stderr]).toEqual([0, ""]);
    const node = { path: "/dev/loop1", access: "r" };
    expect(granted.json).toMatchObject([{ type: "granted", name: "box", devpath: LOOP1, added: 1, node }]);
    const revoked = await scene.run("revoke", "box", LOOP1, "--json", "--open", "end");
    expect([revoked.status, revoked.stderr]).toEqual([0, ""]);
    const ended = [{ pid: 4711, comm: "dd", devpath: LOOP1, how: "open" }];
    const openBy = { holders: [], more: false };
    expect(revoked.json).toEqual([{ type: "revoked", name: "box", devpath: LOOP1, removed: 1, openBy, ended }]);
    await scene.end();
  });

  test("finds a device by a link of this machine", async () => {
    using scene = await Scene.open();
    scene.io.links.set("/dev/disk/by-label/data", LOOP1);
    expect((await scene.run("grant", "box", "/dev/disk/by-label/data")).stderr).toContain(`box sees ${LOOP1}`);
    await scene.end();
  });
});

test.each([
  ["name", /in use by \d+ dd \(open\)\n  What is open stays open/],
  ["end", /ended: \d+ dd \(open\)/],
  [
    "freeze",
    /in use by \d+ dd \(open\)\n  So all programs of box stand still\. To let them go on: uevent-bridge thaw box/,
  ],
])("revoke --open %s says who has it open", async (open, said) => {
  using scene = await Scene.open();
  scene.box.use({ type: "block", major: 7, minor: 0 }, { pid: 4711, comm: "dd" });
  const { status, stderr } = await scene.run("revoke", "box", LOOP0, "--open", open);
  expect(status).toBe(0);
  expect(stderr).toMatch(said);
  expect(scene.box.cgroup.isFrozen).toBe(open === "freeze");
  expect((await scene.run("thaw", "box")).status).toBe(0);
  expect(scene.box.cgroup.isFrozen).toBe(false);
  await scene.end();
});

test("that a container stands still is said by revoke, grant, explain and tree, until it goes on", async () => {
  using scene = await Scene.open();
  scene.box.use({ type: "block", major: 7, minor: 0 }, { pid: 4711, comm: "dd" });
  const still = "all programs of box stand still";
  const remedy = "To let them go on: uevent-bridge thaw box.";
  const revoked = await scene.run("revoke", "box", LOOP0, "--open", "freeze");
  expect(revoked.stderr).toContain(`uevent-bridge: in use by 4711 dd (open)\n  So ${still}.`);
  const { stderr } = await scene.run("grant", "box", LOOP0);
  expect(stderr).toContain(`uevent-bridge: ${still} since a revoke --open freeze\n  ${remedy}\n`);
  expect((await scene.run("explain", "box", LOOP0)).stdout).toMatch(
    new RegExp(` frozen +${still} since a revoke --open freeze\n +${remedy}`),
  );
  expect((await scene.run("tree", "box")).stderr).toContain(`${still} since`);
  for (const args of [
    ["explain", "box", LOOP0],
    ["grant", "box", LOOP0],
    ["revoke", "box", LOOP1, "--open", "name"],
  ])
    expect((await scene.run(...args, "--json")).json).toMatchObject([{ frozen: true }]);
  await scene.run("thaw", "box");
  expect((await scene.run("explain", "box", LOOP0)).stdout).not.toContain("stand still");
  expect((await scene.run("tree", "box")).stderr).toBe("");
  const [json] = (await scene.run("revoke", "box", LOOP0, "--open", "name", "--json")).json;
  expect(json).not.toHaveProperty("frozen");
  await scene.end();
});

test("what revoke names to give it back gives what was granted, and no more", async () => {
  using scene = await Scene.open();
  const words = "--access r --as disk/one --mode 0640 --owner 5:6 --sysfs rw:ro --exclusive";
  await scene.run("grant", "box", LOOP1, ...words.split(" "));
  const { stderr } = await scene.run("revoke", "box", LOOP1);
  expect(stderr).toContain(`To give it back: uevent-bridge grant box ${LOOP1} ${words}.\n`);
  await scene.run("grant", "box", LOOP1, ...words.split(" "));
  expect((await scene.run("revoke", "box", LOOP1)).stderr).toBe(stderr);
  await scene.run("grant", "box", LOOP1);
  expect((await scene.run("revoke", "box", LOOP1)).stderr).toContain(`uevent-bridge grant box ${LOOP1}.\n`);
  await scene.end();
});

test("nothing stands still for a device that nobody has in use, seen or not", async () => {
  using scene = await Scene.open();
  scene.box.use({ type: "block", major: 7, minor: 1 }, { pid: 4711, comm: "dd" });
  for (const device of [LOOP0, LOOP0]) {
    const { stderr } = await scene.run("revoke", "box", device, "--open", "freeze");
    expect([stderr.includes("stand"), scene.box.cgroup.isFrozen]).toEqual([false, false]);
  }
  await scene.end();
});

test.each([
  ["a name that nobody has", ["tree", "bix"], 1, /no relay serves bix for this user\n {2}Did you mean box\?/],
  ["a name far from all", ["explain", "something", LOOP0], 1, /Attached are: box\. To start one/],
  ["a word that is none", ["grant", "box", LOOP0, "--access", "wr"], 2, / access=wr\n +\^\^\n.*access=r/],
  ["a word that is no word", ["grant", "box", LOOP0, "--access", "r,usb=1:2"], 2, /"usb" means nothing in a grant/],
  ["an --open that is none", ["revoke", "box", LOOP0, "--open", "kill"], 2, /It is name, end or freeze/],
  ["a name of a device alone", ["explain", "box", "loop1"], 2, /Did you mean \/dev\/loop1\?/],
  ["a name that no node has", ["explain", "box", "block/loop1"], 2, /names no device\n  Give a devpath/],
  ["a number of a device", ["explain", "box", "7:1"], 2, /names no device\n  Give a devpath/],
  ["a path where a container is meant", ["revoke", LOOP1, "box"], 2, /box names no device\n  Give a devpath/],
  ["a file that is none", ["grant", "box", "/etc/passwd"], 2, /\/etc\/passwd names no device/],
  ["a device that is not there", ["grant", "box", "/devices/nothing"], 1, /there is no device \/devices\/nothing/],
])("%s is said, with a remedy", async (_name, args, expected, said) => {
  using scene = await Scene.open();
  scene.io.links.set("/dev/loop1", LOOP1);
  const { status, stdout, stderr } = await scene.run(...args);
  expect([status, stdout]).toEqual([expected, ""]);
  expect(stderr).toMatch(said);
  await scene.end();
});

test.each([
  [
    "none of this user's is attached",
    "bix",
    [],
    /no relay serves bix for this user\n {2}Those of root .*\/.control\) .*sudo/,
  ],
  ["one of this user's is", "bix", ["box"], /Did you mean box\? Those of root .*sudo/],
])("a user who is not root is told whose relays cannot be looked into, where %s", async (_, name, others, said) => {
  using io = new FakeIo();
  const rootsControl = join(io.runtime.directory, "..", "root", ".control");
  const asked = (): Promise<number> =>
    Object.assign(io.beside(), { rootsControl, stderr: io.stderr }).run("tree", name);
  mkdirSync(join(io.runtime.directory, ".control"), { recursive: true });
  for (const other of others) writeFileSync(join(io.runtime.directory, ".control", `${other}.sock`), "");
  expect(await asked()).toBe(1);
  expect(io.stderr.text).not.toContain("root");
  mkdirSync(rootsControl, { recursive: true });
  expect(await asked()).toBe(1);
  expect(io.stderr.text).toMatch(said);
});
