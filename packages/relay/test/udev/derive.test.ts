import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { KnownDevice } from "../../src/known-device.js";
import { Tree } from "../../src/tree.js";
import { derive } from "../../src/udev/derive.js";
import type { Twin } from "./recorded.js";
import { twins } from "./recorded.js";

const PAGE = readFileSync(new URL("../../../../docs/udev-properties.md", import.meta.url), "utf8");
const KEYS = [
  "DEVNAME",
  "ID_VENDOR_ID",
  "ID_MODEL_ID",
  "ID_SERIAL",
  "ID_PATH",
  "ID_PATH_TAG",
  "ID_SEAT",
  "ID_FOR_SEAT",
  "ID_BUS",
  "ID_TYPE",
  "ID_VENDOR_ENC",
  "ID_MODEL_ENC",
  "ID_REVISION",
  "ID_SERIAL_SHORT",
  "ID_INSTANCE",
  "ID_USB_INTERFACE_NUM",
];
const SETS = ["DEVLINKS", "TAGS"]; // in whatever order

interface Difference {
  readonly twin: Twin;
  readonly key: string;
  readonly recorded: readonly string[];
  readonly derived: readonly string[];
}

/** Why a property differs, as the page says it, and when that is so. */
const REASONS: readonly (readonly [reason: string, holds: (difference: Difference) => boolean])[] = [
  [
    "The device was gone when udevd looked",
    ({ twin: { message, goes } }) => goes && (message.subsystem === "leds" || /^(remove|unbind)$/.test(message.action)),
  ],
  [
    "It is written on the disk",
    ({ key, recorded, derived }) =>
      key === "DEVLINKS" &&
      derived.every((link) => recorded.includes(link)) &&
      recorded.every(
        (link) => derived.includes(link) || /^\/dev\/disk\/by-(uuid|partuuid|label|partlabel)\//.test(link),
      ),
  ],
  [
    "The device mapper has rules of its own",
    ({ twin: { message } }) => /\/virtual\/block\/dm-\d+$/.test(message.devpath),
  ],
  [
    "The disk itself is asked",
    ({ twin: { message } }) => message.env.get("ID_BUS") === "scsi" && message.subsystem === "block",
  ],
];

function differences(twin: Twin): Difference[] {
  const { message, derived } = twin;
  const inputs = [...message.env.keys(), ...derived.keys()].filter((key) => key.startsWith("ID_INPUT"));
  const of = (values: ReadonlyMap<string, string>, key: string): string[] => {
    const value = values.get(key);
    if (value === undefined) return [];
    return SETS.includes(key)
      ? value
          .split(/[ :](?=[/a-z])|:$/)
          .filter(Boolean)
          .sort()
      : [value];
  };
  return [...KEYS, ...SETS, ...new Set(inputs)]
    .map((key) => ({ twin, key, recorded: of(message.env, key), derived: of(derived, key) }))
    .filter(({ recorded, derived: ours }) => recorded.join("\n") !== ours.join("\n"));
}

test("derived properties are those that udevd gave the recorded devices, but for reasons that the page gives", () => {
  const all = [...twins()];
  expect(all.length).toBeGreaterThan(1000);
  const found = all.flatMap(differences);
  const unexplained = found.filter((difference) => !REASONS.some(([, holds]) => holds(difference)));
  expect(
    unexplained.map(({ twin, key, recorded, derived }) => ({
      event: `${twin.file}: ${twin.message.action}@${twin.message.devpath}`,
      [key]: `${recorded.join(" ")} and not ${derived.join(" ")}`,
    })),
  ).toEqual([]);
  for (const [reason, holds] of REASONS) {
    expect(found.filter(holds).length, reason).toBeGreaterThan(0); // else the page says too much
    expect(PAGE).toContain(`| ${reason}`);
  }
  const alike = all.length - new Set(found.map(({ twin }) => twin)).size;
  expect(alike / all.length).toBeGreaterThan(0.94);
});

test("the speaker is an input device of a class of its own, and what it is on has none", () => {
  const tree = new Tree();
  const devices = [
    new KnownDevice("/devices/platform/pcspkr", "platform", "DRIVER=pcspkr\0", "1"),
    new KnownDevice("/devices/platform/pcspkr/input/input5", "input", "PRODUCT=10/1f/1/100\0EV=40001\0SND=6\0", "2"),
    new KnownDevice("/devices/platform/pcspkr/input/input5/event5", "input", "DEVNAME=input/event5\0", "3"),
  ];
  for (const each of devices) tree.add(each);
  const derived = devices.map((each) => derive(each, () => undefined));
  expect(derived.map(({ properties }) => properties.get(".INPUT_CLASS"))).toEqual([undefined, "spkr", "spkr"]);
  expect(derived[2]?.links).toEqual(["/dev/input/by-path/platform-pcspkr-event-spkr"]);
});
