import type { Facts, Rule } from "@uevent-bridge/filter";

import { matches, matchesPath } from "./pattern.js";

/** What DESIGN says of a rule, word by word and as slowly as that is: the yardstick for the fast one. */
export function picks(rule: Rule, device: Facts): boolean {
  const { path, usb, port, pci, driver } = rule;
  const chain = [...chainOf(device)];
  const isUsb = (at: Facts) => at.subsystem === "usb" && at.property("DEVTYPE") === "usb_device";
  const places = [
    path === undefined || matchesPath(path, device.devpath),
    usb === undefined || chain.some((at) => isUsb(at) && usbMatches(usb, at)),
    port === undefined || chain.some((at) => isUsb(at) && matches(port, lastName(at))),
    pci === undefined || chain.some((at) => at.subsystem === "pci" && pciNames(at).some((name) => matches(pci, name))),
    driver === undefined || chain.some((at) => matches(driver, at.property("DRIVER"))),
  ];
  return places.every(Boolean) && kindsHold(rule, device);
}

function kindsHold(rule: Rule, device: Facts): boolean {
  const { subsystem, devtype, devname, devlink, sysname, tag, attr = {}, env = {} } = rule;
  const kinds = [
    subsystem === undefined || matches(subsystem, device.subsystem),
    devtype === undefined || matches(devtype, device.property("DEVTYPE")),
    devname === undefined || matches(withoutDev(devname), device.property("DEVNAME")),
    devlink === undefined || device.links.some((link) => matches(withoutDev(devlink), link.replace(/^\/dev\//, ""))),
    sysname === undefined ||
      [lastName(device), lastName(device).replaceAll("!", "/")].some((name) => matches(sysname, name)),
    tag === undefined || device.tags.some((each) => matches(tag, each)),
    ...Object.entries(attr).map(([name, pattern]) => matches(pattern, known(device.attribute(name)))),
    ...Object.entries(env).map(([key, pattern]) => matches(pattern, device.property(key))),
  ];
  return kinds.every(Boolean);
}

export function* chainOf(device: Facts): Iterable<Facts> {
  for (let at: Facts | undefined = device; at !== undefined; at = at.parent) yield at;
}

function lastName(device: Facts): string {
  return device.devpath.split("/").at(-1) ?? "";
}

function pciNames(device: Facts): string[] {
  return [lastName(device), ...(lastName(device).startsWith("0000:") ? [lastName(device).slice(5)] : [])];
}

function usbMatches(usb: string, device: Facts): boolean {
  const [, vid, pid, serial] = /^([^:]*):([^:]*)(?::(.*))?$/s.exec(usb) ?? [];
  const [ownVid, ownPid] = (device.property("PRODUCT") ?? "").split("/");
  const same = (id: string | undefined, own: string | undefined) =>
    id === "*" || Number.parseInt(id ?? "", 16) === Number.parseInt(own ?? "", 16);
  return (
    same(vid, ownVid) &&
    same(pid, ownPid) &&
    (serial === undefined || matches(serial, known(device.attribute("serial"))))
  );
}

/** Unread counts as not there. */
function known(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A pattern for names below /dev, whichever way it is written. */
function withoutDev(pattern: string): string {
  return pattern.replace(/(^|(?<!\\)\|)\/dev\//g, "$1");
}
