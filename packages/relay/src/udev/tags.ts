import type { Derived } from "./derived.js";

type Test = (derived: Derived) => boolean;

const hasNode: Test = ({ device }) => device.properties.has("MAJOR");
const is =
  (subsystem: string, name = /^/): Test =>
  (derived) =>
    derived.subsystem === subsystem && name.test(derived.name);
const both =
  (...tests: readonly Test[]): Test =>
  (derived) =>
    tests.every((test) => test(derived));

/** A hub or a device whose interfaces say what they are: others (a printer, a disk) are of no seat. */
const isSeatUsb: Test = ({ devtype, device }) => {
  const [kind] = (device.properties.get("TYPE") ?? "").split("/");
  return devtype === "usb_device" && (kind === "0" || kind === "9");
};

/** Who gets which tag, by the rules that come with udev. */
const TAGS: readonly (readonly [tag: string, tests: readonly Test[]])[] = [
  [
    "uaccess",
    [
      both(is("sound"), hasNode),
      both(is("video4linux"), hasNode),
      both(is("dvb"), hasNode),
      both(is("media"), hasNode),
      both(is("drm", /^(card|renderD)\d/), hasNode),
      both(is("misc", /^(kvm|rfkill)$/), hasNode),
      both(is("input"), hasNode, (derived) => derived.has("ID_INPUT_JOYSTICK")),
    ],
  ],
  [
    "seat",
    [
      (derived) => derived.tags.has("uaccess") && derived.subsystem !== "sound",
      is("sound", /^card/),
      is("input", /^input/),
      is("graphics", /^fb\d/),
      is("leds"),
      is("backlight"),
      is("drm", /^card\d/),
      isSeatUsb,
    ],
  ],
  ["master-of-seat", [is("drm", /^card\d/)]],
  [
    "power-switch",
    [both(is("input", /^event/), (derived) => derived.has("ID_INPUT_KEY") || derived.has("ID_INPUT_SWITCH"))],
  ],
  [
    "systemd",
    [
      is("tty", /^(tty[a-zA-Z]|hvc|xvc|hvsi|ttysclp|sclp_line)/),
      is("virtio-ports", /^vport/),
      is("ptp"),
      is("ubi"),
      is("block"),
      is("net", /^(?!lo$)/),
      is("bluetooth"),
      is("sound", /^controlC/),
      is("printer"),
      is("backlight"),
      is("misc", /^rfkill$/),
      is("udc"),
    ],
  ],
];

export function addTags(derived: Derived): void {
  for (const [tag, tests] of TAGS) if (tests.some((test) => test(derived))) derived.tags.add(tag);
}
