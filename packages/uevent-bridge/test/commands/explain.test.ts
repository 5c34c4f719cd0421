import { describe, expect, test } from "vitest";

import { LOOP0, LOOP1 } from "../machine.js";
import { BLUE, PART, Scene } from "./scene.js";

const LOOP5 = "/devices/virtual/block/loop5";

describe("explain", () => {
  test("says what a container has of a device, and by which rule", async () => {
    using scene = await Scene.open();
    const { status, stdout } = await scene.run("explain", "box", PART);
    expect(status).toBe(0);
    expect(stdout.split("\n")).toEqual([
      PART,
      `  visible  yes: the rule devname=loop0,mode=0600 lets it in, at ${LOOP0}`,
      "  node     /dev/loop0p1  b 259:0  mode 0600  owner 0:0",
      "  rights   rw",
      "  socket   ok",
      "  netlink  ok",
      "  dev      ok",
      "  cgroup   ok",
      "",
    ]);
    await scene.end();
  });

  test.each<[why: string, device: string, said: RegExp]>([
    ["no rule lets it in", LOOP1, /no: no rule of box lets it in\n.*uevent-bridge grant box .*loop1/],
    ["there is none", "/devices/nothing", /no: there is no such device\n.*match --allow \/devices/],
    ["a node that is only in the container", "/dev/nothing", /no: there is no such device/],
  ])("1 where it is not seen: %s", async (_why, device, said) => {
    using scene = await Scene.open();
    const { status, stdout, stderr } = await scene.run("explain", "box", device);
    expect([status, stderr]).toEqual([1, ""]);
    expect(stdout).toMatch(said);
    await scene.end();
  });

  test("1 where it is seen and something is in the way, with the remedy", async () => {
    using scene = await Scene.open();
    scene.box.cgroup.allow("c 1:3 rw"); // its runtime says anew what may be opened
    scene.box.dev = undefined; // and something is mounted over its /dev
    const { status, stdout } = await scene.run("explain", "box", LOOP0);
    expect(status).toBe(1);
    expect(stdout).toMatch(/dev +NOT AS IT SHOULD BE: in the container \/dev\/loop0 is not there\n.*findmnt/);
    expect(stdout).toMatch(/cgroup +NOT AS IT SHOULD BE: .* refuses b 7:0 rw\n +Have whoever/);
    await scene.end();
  });

  test.each([
    ["a /dev of ours", ["--dev", "auto"]],
    ["events alone", []],
  ])("where the relay says nothing in its cgroup, and it has %s, it looks who refuses it there", async (_, ways) => {
    using scene = await Scene.with(ways);
    const free = await scene.run("explain", "box", LOOP0);
    expect(free.status).toBe(0);
    expect(free.stdout).toMatch(/cgroup +off: nobody refuses it there\n/);
    scene.box.cgroup.allow("c 1:3 rw");
    const { status, stdout } = await scene.run("explain", "box", LOOP0);
    expect(status).toBe(1);
    expect(stdout).toMatch(/cgroup +NOT AS IT SHOULD BE: .* refuses b 7:0 rw\n +Have whoever .*--cgroup auto\.\n/);
    await scene.end();
  });

  test("says that nothing was looked at where no process of the container is known", async () => {
    using scene = await Scene.with(["--netns", BLUE]);
    scene.box.cgroup.allow("c 1:3 rw");
    const { status, stdout } = await scene.run("explain", "box", LOOP0);
    expect(status).toBe(0);
    expect(stdout).toMatch(/cgroup +not looked at: .*--pid\)\n/);
    await scene.end();
  });

  test("an owner that has no ids is said of that device alone", async () => {
    using scene = await Scene.open("--allow", `${LOOP1},owner=70000:0`);
    const { status, stdout } = await scene.run("explain", "box", LOOP1);
    expect(status).toBe(1);
    expect(stdout).toMatch(/dev +NOT AS IT SHOULD BE: .*loop1 .* root.*: the owner 70000:0 has no ids on the host/);
    const tree = await scene.run("tree", "box");
    expect([tree.status, tree.stderr]).toEqual([0, ""]);
    expect(tree.stdout).toMatch(/loop0 .*\n.*loop0p1.*\n.*loop1 .*\n +NOT AS IT SHOULD BE: .*70000:0 has no ids/);
    await scene.end();
  });

  test("as JSON it is one object", async () => {
    using scene = await Scene.open();
    const { json } = await scene.run("explain", "box", LOOP0, "--json");
    expect(json).toEqual([
      {
        type: "explanation",
        devpath: LOOP0,
        reason: "allowed",
        rule: "devname=loop0,mode=0600",
        picked: LOOP0,
        node: {
          path: "/dev/loop0",
          type: "block",
          major: 7,
          minor: 0,
          mode: 0o600,
          uid: 0,
          gid: 0,
          access: "rw",
          links: [],
        },
        openBy: { holders: [], more: false },
        channels: { socket: "ok", netlink: "ok", dev: "ok", cgroup: "ok" },
      },
    ]);
    await scene.end();
  });
});

test.each([LOOP0, `/sys${LOOP0}`])("a path may end with a slash: %s/", async (path) => {
  using scene = await Scene.open();
  scene.io.links.set(`/sys${LOOP0}/`, LOOP0);
  const { status, stdout } = await scene.run("explain", "box", `${path}/`);
  expect([status, stdout]).toEqual([0, expect.stringContaining(`${LOOP0}\n  visible  yes`)]);
  await scene.end();
});

describe("a name in the container's /dev", () => {
  test.each([
    ["its node", "/dev/disk/zero"],
    ["a link to it", "/dev/disk/by-diskseq/77"],
  ])("of %s is found, although the host has none so called", async (_, name) => {
    using scene = await Scene.open("--allow", "devname=loop5,as=disk/zero");
    const properties = { MAJOR: "7", MINOR: "5", DEVNAME: "loop5", DEVTYPE: "disk", DISKSEQ: "77" };
    scene.io.kernel.plug(LOOP5, { subsystem: "block", properties });
    await scene.io.kernel.idle();
    expect((await scene.run("explain", "box", name)).stdout).toContain(`${LOOP5}\n  visible  yes`);
    const { stderr } = await scene.run("revoke", "box", name);
    expect(stderr).toBe(
      `uevent-bridge: box does not see ${LOOP5} any more\n  To give it back: uevent-bridge grant box ${LOOP5}.\n`,
    );
    await scene.end();
  });

  test("that is another device's on the host is the container's, and that is said", async () => {
    using scene = await Scene.with(["--dev", "auto"], "--deny", "devname=loop0", "--allow", `${LOOP1},as=loop0`);
    scene.io.links.set("/dev/loop0", LOOP0);
    const said =
      `uevent-bridge: /dev/loop0 is ${LOOP1} in the container; on the host it is ${LOOP0}\n` +
      `  For that one: uevent-bridge explain box ${LOOP0}.\n`;
    const explained = await scene.run("explain", "box", "/dev/loop0");
    expect(explained).toMatchObject({ status: 0, stderr: said });
    expect(explained.stdout).toContain(LOOP1);
    expect(await scene.run("explain", "box", LOOP0)).toMatchObject({ status: 1, stderr: "" });
    expect((await scene.run("revoke", "box", "/dev/loop0")).stderr).toMatch(
      new RegExp(
        `/dev/loop0 is ${LOOP1} in the container.*\n.*\n.*does not see ${LOOP1} any more\n.*grant box ${LOOP1}`,
      ),
    );
    await scene.end();
  });

  test("is the host's for grant, which is of what the container has not", async () => {
    using scene = await Scene.with(["--dev", "auto"], "--allow", `${LOOP1},as=loop9`);
    scene.io.links.set("/dev/loop9", LOOP0);
    await scene.run("revoke", "box", LOOP0);
    expect((await scene.run("grant", "box", "/dev/loop9")).stderr).toContain(`box sees ${LOOP0}`);
    expect((await scene.run("grant", "box", "/dev/loop9", "--access", "r")).status).toBe(0);
    await scene.end();
  });
});

describe("tree", () => {
  test("shows what a container sees, parents first, with node, rights and rule", async () => {
    using scene = await Scene.open();
    const { status, stdout } = await scene.run("tree", "box");
    expect(status).toBe(0);
    expect(stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      [LOOP0, "block", "/dev/loop0", "b 7:0", "rw", "devname=loop0,mode=0600"],
      ["", "loop0p1", "block", "/dev/loop0p1", "b 259:0", "rw", "devname=loop0,mode=0600"],
      [""],
    ]);
    await scene.end();
  });

  test("as JSON it has an object for each device", async () => {
    using scene = await Scene.open();
    const { json } = await scene.run("tree", "box", "--json");
    expect(json).toMatchObject([
      { type: "device", devpath: LOOP0, subsystem: "block", node: { path: "/dev/loop0" } },
      { type: "device", devpath: PART, parent: LOOP0 },
    ]);
    await scene.end();
  });

  test.each([[["--dev", "auto"]], [["--dev", "auto", "--cgroup", "auto"]]])(
    "says of each device that cannot be opened who refuses it, with %j",
    async (ways) => {
      using scene = await Scene.with(ways);
      scene.box.cgroup.restrict("b 7:0 rw");
      const { status, stdout } = await scene.run("tree", "box");
      expect(status).toBe(0);
      expect(stdout).toMatch(/loop0p1 .*\n +NOT AS IT SHOULD BE: .* refuses b 259:0 rw\n$/);
      expect(stdout.match(/NOT AS/g)).toHaveLength(1);
      const { json } = await scene.run("tree", "box", "--json");
      expect(json[1]).toMatchObject({
        devpath: PART,
        problem: expect.stringContaining("refuses b 259:0 rw") as string,
      });
      await scene.end();
    },
  );

  test("1 where it sees none", async () => {
    using scene = await Scene.open();
    await scene.run("revoke", "box", LOOP0);
    expect(await scene.run("tree", "box")).toMatchObject({ status: 1, stdout: "", stderr: /sees no device/ });
    await scene.end();
  });

  test("a thousand devices are one answer", async () => {
    using scene = await Scene.open("--allow", "subsystem=mass");
    for (let i = 0; i < 1000; i++) scene.io.kernel.plug(`/devices/virtual/mass/m${i}`, { subsystem: "mass" });
    await scene.io.kernel.idle();
    expect((await scene.run("tree", "box", "--json")).json).toHaveLength(1002);
    await scene.end();
  });
});
