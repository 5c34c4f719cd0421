import { encode } from "@uevent-bridge/uevent";
import { expect, test } from "vitest";

import { LOOP0, disk, headers, latin1, openScene } from "./scene.js";

test("what the kernel said before /sys was read is put right, if it lost what it said afterwards", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: [LOOP0] });
  const listener = scene.listen();
  await scene.rest();
  const properties = Object.entries({ ...disk(0).properties, DISKSEQ: "1" });
  scene.kernel.change(LOOP0, { properties: { DISKSEQ: "2" }, silent: true });
  scene.kernel.during("enumerate", () => {
    scene.kernel.emit(encode({ action: "online", devpath: LOOP0, subsystem: "block", properties, seqnum: 9 })); // waits until /sys has been read
    scene.kernel.overrun();
  });
  scene.kernel.overrun();
  await scene.rest();
  const heard = listener.readAll();
  expect(headers(heard).slice(-2)).toEqual([`online@${LOOP0}`, `change@${LOOP0}`]);
  expect(latin1(heard.at(-1) ?? new Uint8Array())).toContain("\0DISKSEQ=2\0");
});

test("a device whose parent came unheard is told after it", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: ["subsystem=usb"] });
  const listener = scene.listen();
  await scene.rest();
  const [hub, stick] = ["/devices/pci0/usb1", "/devices/pci0/usb1/1-1"];
  for (const event of ["plug", "change", "move"] as const) {
    scene.kernel.plug(hub, { subsystem: "usb", silent: true });
    scene.kernel.plug(event === "move" ? `${hub}/1-2` : stick, { subsystem: "usb", silent: event !== "plug" });
    if (event === "change") scene.kernel.change(stick);
    if (event === "move") scene.kernel.move(`${hub}/1-2`, stick);
    await scene.rest();
    expect(headers(listener.readAll()), event).toEqual([`add@${hub}`, `add@${stick}`]);
    scene.kernel.unplug(hub);
    await scene.rest();
    listener.readAll();
  }
});
