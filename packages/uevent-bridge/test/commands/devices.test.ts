import type { FakeContainer } from "@uevent-bridge/kernel/testing";
import { describe, expect, test } from "vitest";

import { FakeIo } from "../fake-io.js";
import { LOOP0, LOOP1, smallMachine } from "../machine.js";

const PART = `${LOOP0}/loop0p1`;
const LOOP1_RIGHTS = "b 7:1 rw";

/** A container `box` that is attached with a `/dev` and rights of ours, and sees loop0; loop1 may not be seen. */
class Scene implements Disposable {
  readonly io = new FakeIo({ kernel: smallMachine() });
  readonly box: FakeContainer;
  readonly #attached: Promise<number>;

  private constructor(args: readonly string[]) {
    const { kernel } = this.io;
    const properties = { MAJOR: "259", MINOR: "0", DEVNAME: "loop0p1", DEVTYPE: "partition" };
    kernel.plug(PART, { subsystem: "block", properties });
    this.box = kernel.container();
    const ways = ["--dev", "auto", "--cgroup", "auto", "--pid", `${this.box.pid}`];
    this.#attached = this.io.run("attach", "box", ...ways, "--allow", "devname=loop0,mode=0600", ...args);
  }

  static async open(...args: readonly string[]): Promise<Scene> {
    const scene = new Scene(args);
    await scene.io.stderr.until("box: ");
    return scene;
  }

  async run(...args: string[]): Promise<{ status: number; stdout: string; stderr: string; json: unknown[] }> {
    const other = this.io.beside(); // its directory is that of `io`
    const status = await other.run(...args);
    const json = args.includes("--json") ? other.stdout.json() : [];
    return { status, stdout: other.stdout.text, stderr: other.stderr.text, json };
  }

  async end(): Promise<void> {
    this.io.interrupt();
    await this.#attached;
  }

  [Symbol.dispose](): void {
    this.io[Symbol.dispose]();
  }
}

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
  ["freeze", /in use by \d+ dd \(open\)\n  To let it go on: uevent-bridge thaw box/],
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

test.each([
  ["a name that nobody has", ["tree", "bix"], 1, /no relay serves bix for this user\n {2}Did you mean box\?/],
  ["a name far from all", ["explain", "something", LOOP0], 1, /Attached are: box\. To start one/],
  ["a word that is none", ["grant", "box", LOOP0, "--access", "wr"], 2, / access=wr\n +\^\^\n.*access=r/],
  ["a word that is no word", ["grant", "box", LOOP0, "--access", "r,usb=1:2"], 2, /"usb" means nothing in a grant/],
  ["an --open that is none", ["revoke", "box", LOOP0, "--open", "kill"], 2, /It is name, end or freeze/],
  ["a name of a device alone", ["explain", "box", "loop0"], 2, /Did you mean \/dev\/loop0\?/],
  ["a file that is none", ["grant", "box", "/etc/passwd"], 2, /\/etc\/passwd names no device/],
  ["a device that is not there", ["grant", "box", "/devices/nothing"], 1, /there is no device \/devices\/nothing/],
])("%s is said, with a remedy", async (_name, args, expected, said) => {
  using scene = await Scene.open();
  const { status, stdout, stderr } = await scene.run(...args);
  expect([status, stdout]).toEqual([expected, ""]);
  expect(stderr).toMatch(said);
  await scene.end();
});
