import { openRelay } from "uevent-bridge";

import type { XorgReport } from "../report.js";
import { Box } from "./box.js";
import { startListening } from "./programs.js";
import type { Qemu } from "./qemu.js";
import { waitFor } from "./wait.js";

/** A screen in memory, whose driver needs neither a console nor a virtual terminal: an unprivileged container has none. */
const CONFIG = `
Section "ServerFlags"
  Option "AutoAddGPU" "off"
EndSection
Section "Device"
  Identifier "memory"
  Driver "dummy"
EndSection
Section "Screen"
  Identifier "screen"
  Device "memory"
EndSection
`;
const LOG = "/tmp/Xorg.log";

/** Two containers, Xorg in one of them, and a keyboard for each. */
export async function xorg(qemu: Qemu): Promise<XorgReport> {
  await using relay = await openRelay();
  await using box = await Box.start(relay, { name: "box", allow: ["port=1-1"] });
  await using otherBox = await Box.start(relay, { name: "other", allow: ["port=1-2"] });
  const { system } = box;
  const other = await startListening(otherBox.system, "libinput", "debug-events");
  const otherSaw = (what: string): boolean => other.lines.some((line) => line.includes(what));

  system.write("/etc/xorg.conf", CONFIG);
  const server = await startListening(system, "Xorg", ":0", "-config", "/etc/xorg.conf", "-logfile", LOG, "-noreset");
  await waitFor(`Xorg takes clients: ${server.stderr}`, () => system.exists("/tmp/.X11-unix/X0"));
  const xinput = system.start("env", "DISPLAY=:0", "xinput", "test-xi2", "--root");
  const keys = (): number => xinput.lines.filter((line) => line.includes("(RawKeyPress)")).length;

  qemu.plug("first", "usb-kbd", 1);
  await waitFor("Xorg adds the keyboard", () => system.read(LOG).includes("config/udev: Adding input device QEMU"));
  await pressUntil(qemu, "a", () => keys() > 0);
  const first = [...xinput.lines];

  qemu.plug("second", "usb-kbd", 2); // from now on it is this one that is typed on
  await waitFor("the other container has it", () => otherSaw("DEVICE_ADDED"));
  await pressUntil(qemu, "b", () => otherSaw("KEYBOARD_KEY"));
  const second = xinput.lines.slice(first.length);

  qemu.unplug("second");
  qemu.unplug("first");
  await waitFor("Xorg takes it away", () => system.read(LOG).includes("config/udev: removing device"));
  return { log: system.read(LOG), first, second, other: other.lines };
}

/** Whoever added a keyboard may not have opened it yet. */
async function pressUntil(qemu: Qemu, key: string, arrives: () => boolean): Promise<void> {
  await waitFor(`the key ${key} arrives`, () => {
    if (!arrives()) qemu.press(key);
    return arrives();
  });
}
