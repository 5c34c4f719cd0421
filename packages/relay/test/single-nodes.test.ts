import type { DeviceEntry } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { AttachOptions, BridgeError, Container, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { LOOP0, LOOP1, disk } from "./scene.js";

const THEIRS: DeviceEntry = { kind: "node", type: "char", major: 1, minor: 3, mode: 0o666, uid: 0, gid: 0 };
const LINKED = { ...disk(0), udev: { links: ["/dev/disk/by-id/a"] } };

describe("a container that runs, whose own /dev takes nodes", () => {
  let kernel: FakeKernel;
  let relay: Relay;
  let place: ReturnType<FakeKernel["container"]>;

  beforeEach(async () => {
    kernel = new FakeKernel({ udev: true });
    kernel.plug(LOOP0, LINKED);
    kernel.plug(LOOP1, disk(1));
    place = kernel.container({ userns: "initial", netns: "initial" });
    place.ownDev.entries.set("null", THEIRS);
    relay = await openRelay({ kernel, runtimeDir: "/run/bridge" });
  });
  afterEach(() => relay.close());

  const attach = (more: Partial<AttachOptions> = {}): Promise<Container> =>
    relay.attach({
      name: "box",
      pid: place.pid,
      deliver: { socket: true },
      dev: "auto",
      allow: [LOOP0],
      ...more,
    } as AttachOptions);

  const names = (): readonly string[] => [...place.ownDev.entries.keys()].toSorted();
  const choiceOf = ({ delivery }: Container) => delivery.find(({ channel }) => channel === "dev");

  async function rest(): Promise<void> {
    await kernel.idle();
    await relay.settle();
    await kernel.idle();
  }

  test("has its devices there, beside what its engine put there, and nothing is mounted", async () => {
    const box = await attach();
    await rest();
    expect(names()).toEqual(["disk", "disk/by-id", "disk/by-id/a", "loop0", "null"]);
    expect(choiceOf(box)?.choice).toBe("single nodes");
    expect([place.dev, box.mounts.map(({ destination }) => destination)]).toEqual([undefined, ["/run/uevent"]]);
    await box.allow(LOOP1);
    await box.deny(LOOP0);
    await rest();
    expect(names()).toEqual(["loop1", "null"]);
    await box.detach();
    expect([...place.ownDev.entries]).toEqual([["null", THEIRS]]);
  });

  test("what is in the way is said, and nothing else suffers", async () => {
    place.ownDev.entries.set("loop0", THEIRS);
    const box = await attach({ allow: [LOOP0, LOOP1] });
    const warnings: BridgeError[] = [];
    box.on("warning", (warning) => warnings.push(warning));
    await rest();
    expect(warnings.map(({ code }) => code)).toEqual(["PATH_UNUSABLE"]);
    await box.detach();
    expect(place.ownDev.entries.get("loop0")).toBe(THEIRS);
  });

  test("is rid of what a killed relay left, as far as the next one does not show it", async () => {
    await attach({ allow: [LOOP0, LOOP1] });
    kernel.kill();
    expect(names()).toEqual(["disk", "disk/by-id", "disk/by-id/a", "loop0", "loop1", "null"]);
    relay = await openRelay({ kernel, runtimeDir: "/run/bridge" });
    await attach({ allow: [LOOP1] });
    expect(names()).toEqual(["loop1", "null"]);
  });

  test.each([
    ["host", /host's too, or ours/],
    ["no-devices", /cannot be opened/],
    ["no-tmpfs", /no tmpfs/],
    ["unknown", /cannot be looked at/],
  ] as const)("has its /dev covered where it takes none: %s", async (refuses, why) => {
    place.ownDev.refuses = refuses;
    const box = await attach();
    expect(place.dev).toBe("/run/bridge/.dev/box/dev");
    expect(choiceOf(box)?.reason).toMatch(why);
    await box.detach();
    expect(place.dev).toBeUndefined();
  });

  test("has it covered where a directory is asked for", async () => {
    const box = await attach({ dev: "/run/box.dev" });
    expect([place.dev, names()]).toEqual(["/run/box.dev/dev", ["null"]]);
    expect(choiceOf(box)?.reason).toBe("it has what the container may see");
  });
});
