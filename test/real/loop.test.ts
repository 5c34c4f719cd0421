import { writeFileSync } from "node:fs";

import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { needs } from "../needs.js";
import { headers, openListener, until, withoutSeqnum } from "./listener.js";
import { withLoops } from "./loops.js";
import { temporaryDirectory } from "./temporary.js";

describe("real loop devices", needs("root", "loop devices"), () => {
  test("a listener gets its device's datagrams byte for byte but for SEQNUM, and nothing of the other's", async () => {
    using directory = temporaryDirectory();
    using loops = withLoops(2);
    const [mine, other] = loops.devices as [string, string];
    await using relay = await openRelay({ kernel: openLinux(), runtimeDir: directory.path });
    await using box = await relay.attach({ name: "box", allow: [mine], coldplug: false });
    using listener = openListener(`${box.mounts[0]!.source}/a.sock`);
    const kernel: Uint8Array[] = [];
    using said = loops.record((bytes) => kernel.push(bytes));
    await until(
      () => (writeFileSync(`/sys${mine}/uevent`, "change"), listener.heard.length > 0),
      "the listener is told",
    );

    listener.drain();
    listener.heard.length = kernel.length = 0;
    for (let i = 0; i < 50; i++) {
      writeFileSync(`/sys${mine}/uevent`, "change");
      writeFileSync(`/sys${other}/uevent`, "change");
    }
    await relay.settle();
    said.drain();
    const wanted = kernel.filter((bytes) => headers([bytes])[0] === `change@${mine}`);
    await until(() => listener.heard.length >= wanted.length, "all have arrived");
    expect(kernel.length).toBeGreaterThanOrEqual(100);
    expect(listener.heard.map(withoutSeqnum)).toEqual(wanted.map(withoutSeqnum));
  });
});
