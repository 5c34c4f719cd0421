import type { Rule, Words } from "@uevent-bridge/filter";
import fc from "fast-check";

import { ODD } from "../corpus/attributes.js";
import type { TestDevice } from "../corpus/test-device.js";
import { patternNear, pathNear } from "./patterns.js";

type Fields = fc.Arbitrary<Rule>;

/** Rules of one to three terms that are likely to pick this device. */
export function ruleNear(device: TestDevice): Fields {
  const terms = [...placesNear(device), ...kindsNear(device)];
  const some = fc.uniqueArray(fc.nat(terms.length - 1), { minLength: 1, maxLength: 3 });
  return some.chain((chosen) => fc.tuple(...chosen.map((i) => terms[i] as Fields)).map(merge));
}

/** Rules that pick much. */
export function broadRule(device: TestDevice): Fields {
  const top = device.devpath.split("/").slice(0, 3).join("/");
  return fc.constantFrom<Rule>(
    { path: top },
    { path: "/devices/*/*" },
    { subsystem: device.subsystem },
    { sysname: "*[0-4]" },
  );
}

export const words: fc.Arbitrary<Words> = fc.record(
  {
    access: fc.constantFrom("r" as const, "w" as const, "rw" as const, "rwm" as const),
    exclusive: fc.constant(true),
    required: fc.constant(true),
    as: fc.constantFrom("robot", "input/pad", "a,b = c\\", " x "),
    mode: fc.constantFrom(0, 0o600, 0o660),
    owner: fc.constantFrom({ uid: 0, gid: 0 }, { uid: 1000, gid: 4_294_967_294 }),
    sysfs: fc.uniqueArray(fc.constantFrom("brightness", "queue/x,y", "trigger"), { minLength: 1 }),
  },
  { requiredKeys: [] },
);

function placesNear(device: TestDevice): Fields[] {
  const chain = chainOf(device);
  const name = (at: TestDevice | undefined) => at?.devpath.split("/").at(-1);
  const usb = chain.find((at) => at.property("DEVTYPE") === "usb_device" && at.subsystem === "usb");
  const driver = chain.map((at) => at.property("DRIVER")).find((value) => value !== undefined);
  return [
    pathNear(device.devpath).map((path) => ({ path })),
    usbNear(usb).map((text) => ({ usb: text })),
    patternNear(name(usb) ?? "1-1").map((port) => ({ port })),
    patternNear(name(chain.find((at) => at.subsystem === "pci")) ?? "00:08.0").map((pci) => ({ pci })),
    patternNear(driver ?? "usbhid").map((text) => ({ driver: text })),
  ];
}

function kindsNear(device: TestDevice): Fields[] {
  const { properties, attributes, links, tags } = device;
  const env = new Map([...properties].filter(([key]) => !NOT_OF_DEVICES.test(key)));
  const devname = patternNear(properties.get("DEVNAME") ?? "loop0");
  const kinds: Fields[] = [
    patternNear(device.subsystem).map((subsystem) => ({ subsystem })),
    patternNear(properties.get("DEVTYPE") ?? "disk").map((devtype) => ({ devtype })),
    fc.tuple(fc.constantFrom("", "/dev/"), devname).map(([dev, name]) => ({ devname: dev + name })),
    patternNear(links[0] ?? "/dev/disk/by-id/x").map((devlink) => ({ devlink })),
    patternNear(device.devpath.split("/").at(-1) ?? "").map((sysname) => ({ sysname })),
    patternNear(tags[0] ?? "systemd").map((tag) => ({ tag })),
    entryNear(attributes).map((attr) => ({ attr })),
    fc.constantFrom(...ODD).chain((odd) => patternNear(odd).map((label) => ({ attr: { label } }))),
    entryNear(env).map((each) => ({ env: each })),
  ];
  return kinds.map((fields) => fields.filter(hasNoEmptyAlternative));
}

function entryNear(entries: ReadonlyMap<string, string>): fc.Arbitrary<Record<string, string>> {
  const entry = fc.constantFrom(...entries, ["ID_SERIAL", "1"] as const);
  return entry.chain(([key, value]) => patternNear(value).map((pattern) => ({ [key]: pattern })));
}

const NOT_OF_DEVICES = /^(ACTION|DEVPATH|SUBSYSTEM|SEQNUM|SYNTH_UUID|DEVPATH_OLD|DEVLINKS|TAGS)$/;

function hasNoEmptyAlternative({ attr: _attr, env: _env, ...others }: Rule): boolean {
  return Object.values(others).every((value) => value !== "");
}

function usbNear(usb: TestDevice | undefined): fc.Arbitrary<string> {
  const [vid = "", pid = ""] = (usb?.property("PRODUCT") ?? "627/1").split("/");
  const ids = fc.constantFrom(`${vid.padStart(4, "0")}:${pid.padStart(4, "0")}`, `${vid.padStart(4, "0")}:*`, "*:*");
  const serial = patternNear(usb?.attributes.get("serial") ?? "S1");
  return fc.oneof(
    ids,
    fc.tuple(ids, serial).map((parts) => parts.join(":")),
  );
}

function chainOf(device: TestDevice): TestDevice[] {
  return device.parent === undefined ? [device] : [device, ...chainOf(device.parent)];
}

function merge(fields: readonly Rule[]): Rule {
  return Object.assign({}, ...fields) as Rule; // fields of a Rule
}
