import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import { decodeUdev, isMalformed } from "@uevent-bridge/uevent";
import { describe, expect, test } from "vitest";

import { needs } from "../needs.js";
import { latin1, openListener, until } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { temporaryDirectory } from "./temporary.js";

function read(bytes: Uint8Array) {
  const message = decodeUdev(bytes);
  if (isMalformed(message)) throw new Error(message.malformed);
  return message;
}

describe("real loop devices", needs("root", "loop devices"), () => {
  test("listeners that ask for udev's form are told in it, whenever they come", async () => {
    using directory = temporaryDirectory();
    using loops = withLoops(2);
    const [mine = "", other = ""] = loops.devices;
    await using relay = await openRelay({ kernel: openLinux(), runtimeDir: directory.path });
    await using box = await relay.attach({ name: "box", allow: [mine] });
    const at = box.mounts[0]?.source ?? "";
    using early = openListener(`${at}/early.udev.sock`);
    await until(() => early.heard.length === 1, "the first is told what there is");
    for (const devpath of [other, mine, mine]) change(devpath);
    await until(() => early.heard.length === 3, "it is told what happens");
    using late = openListener(`${at}/late.udev.sock`);
    using zero = openListener(`${at}/late.libudev-zero.sock`);
    await until(() => late.heard.length === 1 && zero.heard.length === 1, "the others are told what there is");

    const said = early.heard.map(read);
    expect(said.map(({ action, devpath, seqnum }) => `${seqnum} ${action}@${devpath}`)).toEqual([
      `1 add@${mine}`,
      `2 change@${mine}`,
      `3 change@${mine}`,
    ]);
    expect(late.heard.map(latin1)).toEqual([latin1(early.heard[0]!)]);
    expect(zero.heard.map(latin1)).toEqual([said[0]?.properties]);
    expect(said[0]?.env.get("DEVNAME")).toBe(`/dev/${mine.split("/").at(-1)}`);
    expect(said[0]?.tags).toEqual(["systemd"]);
  });
});
