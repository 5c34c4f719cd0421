import { compilePolicy, explain, presets } from "@uevent-bridge/filter";
import { describe, expect, test } from "vitest";

import { recordedDevices } from "./corpus/corpus.js";
import { TestDevice } from "./corpus/test-device.js";

const recorded = recordedDevices(/^guestudev-/);

/** What a preset lets a container see: nodes where there are some, else names. */
function seen(preset: string, devices: readonly TestDevice[]): string[] {
  const policy = compilePolicy({ allow: [`preset=${preset}`] });
  return devices.filter((device) => explain(device, policy).reason === "allowed").map(nameOf);
}

function nameOf(device: TestDevice): string {
  const node = device.property("DEVNAME");
  return node === undefined ? (device.devpath.split("/").at(-1) ?? "") : `/dev/${node.replace(/^\/dev\//, "")}`;
}

function nodes(names: readonly string[]): string[] {
  return [...new Set(names.filter((name) => name.startsWith("/dev/")))].toSorted();
}

/** A device, and the device above it. */
function device(devpath: string, subsystem: string, facts: ConstructorParameters<typeof TestDevice>[2] = {}) {
  return new TestDevice(devpath, subsystem, facts);
}

function withDriver(devpath: string, driver: string) {
  return device(devpath, "usb", { properties: new Map([["DRIVER", driver]]) });
}

describe("of all recorded machines", () => {
  test.each<[preset: string, nodes: string[]]>([
    ["input", ["event0", "event2", "event3", "event4", "js0", "mouse0", "mouse1"].map((name) => `/dev/input/${name}`)],
    ["sound", ["/dev/snd/timer"]],
    ["gpu", ["/dev/dri/renderD128"]],
    ["serial", ["/dev/ttyUSB0"]],
    ["storage", ["/dev/sda", "/dev/sda1", "/dev/sda2"]],
  ])("preset=%s lets these nodes be seen and no others", (preset, expected) => {
    expect(nodes(seen(preset, recorded))).toEqual(expected);
  });

  test("preset=desktop is what input, sound and gpu let be seen, and the card that has the screens", () => {
    const parts = ["input", "sound", "gpu"].flatMap((preset) => nodes(seen(preset, recorded)));
    expect(nodes(seen("desktop", recorded))).toEqual([...parts, "/dev/dri/card0"].toSorted());
  });

  test("preset=storage lets the disks of a USB stick be seen, and none of the machine's own", () => {
    const policy = compilePolicy({ allow: ["preset=storage"] });
    const picked = recorded.filter((each) => explain(each, policy).reason === "allowed");
    expect(picked.map(({ devpath }) => devpath.includes("/usb"))).toEqual([true, true, true]);
  });
});

const CARD = "/devices/pci0000:00/0000:00:1f.3/sound/card0";
const card = device(CARD, "sound");
const jack = device(`${CARD}/input20`, "input", { parent: card });
const cdrom = device("/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sr0", "block", {
  attributes: new Map([["removable", "1"]]),
});
const uas = withDriver("/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0", "uas");
const nvme = device("/devices/pci0000:00/0000:01:00.0/nvme/nvme0/nvme0n1", "block", {
  attributes: new Map([["removable", "0"]]),
});

describe("of devices that no recorded machine had", () => {
  test.each<[preset: string, expected: "sees" | "does not see", what: string, TestDevice]>([
    ["input", "sees", "a gamepad by Bluetooth", device("/devices/virtual/misc/uhid/0005:054C.1/input/input9", "input")],
    ["input", "does not see", "a lid", device("/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0C0D:00/input/input1", "input")],
    ["input", "does not see", "raw HID", device("/devices/virtual/misc/uhid/0005:054C.1/hidraw/hidraw0", "hidraw")],
    ["input", "does not see", "what makes input devices", device("/devices/virtual/misc/uinput", "misc")],
    ["input", "does not see", "all mice as one", device("/devices/virtual/input/mice", "input")],
    ["sound", "sees", "a microphone", device(`${CARD}/pcmC0D0c`, "sound", { parent: card })],
    ["sound", "sees", "whether something is in a jack", device(`${CARD}/input20/event9`, "input", { parent: jack })],
    ["sound", "does not see", "the sequencer of all", device("/devices/virtual/sound/seq", "sound")],
    ["gpu", "sees", "an AMD card's queues", device("/devices/virtual/kfd/kfd", "kfd")],
    ["gpu", "does not see", "a screen", device("/devices/pci0000:00/0000:00:02.0/drm/card0", "drm")],
    ["desktop", "sees", "a screen", device("/devices/pci0000:00/0000:00:02.0/drm/card0", "drm")],
    ["desktop", "does not see", "a terminal of the host", device("/devices/virtual/tty/tty1", "tty")],
    ["desktop", "does not see", "a camera", device("/devices/usb1/1-1/1-1:1.0/video4linux/video0", "video4linux")],
    ["serial", "sees", "a modem", device("/devices/usb1/1-1/1-1:1.0/tty/ttyACM0", "tty")],
    ["serial", "does not see", "a port that may be the host's console", device("/devices/pnp0/00:02/tty/ttyS0", "tty")],
    ["storage", "sees", "a disc drive", cdrom],
    ["storage", "sees", "a fast USB disk", device(`${uas.devpath}/host1/block/sdb`, "block", { parent: uas })],
    ["storage", "does not see", "the host's own disk", nvme],
    ["storage", "does not see", "raw SCSI", device(`${uas.devpath}/host1/sg1`, "scsi_generic", { parent: uas })],
  ])("preset=%s %s %s", (preset, expected, _what, subject) => {
    expect(seen(preset, [subject])).toEqual(expected === "sees" ? [nameOf(subject)] : []);
  });
});

test("no preset needs udev on the host", () => {
  const policy = compilePolicy({ allow: [...presets.keys()].map((preset) => ({ preset })) });
  expect(policy.allow.filter(({ needsUdev }) => needsUdev)).toEqual([]);
});
