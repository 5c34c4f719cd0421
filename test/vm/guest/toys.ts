import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";

import type { BoxName, Kind } from "../report.js";
import type { Qemu } from "./qemu.js";

/** Something that can be plugged in. */
export interface Toy {
  readonly id: string;
  readonly kind: Kind;
  /** Names of the containers whose policy lets it in. */
  readonly seenBy: readonly BoxName[];
  /** Where it is below /sys/class, as far as the name that the kernel gives it. */
  readonly at: string;
  /** Of its path, which no other one has. */
  readonly place: RegExp;
  /** Programs in containers are looked at that show such devices. */
  readonly isShown?: boolean;
  plug(qemu: Qemu): void;
}

interface Usb {
  readonly driver: string;
  readonly port: number;
  /** The kernel's name of the port. */
  readonly name: string;
  readonly properties?: object;
}

const INPUT = "input/event";
const DISK = "block/sd";
const TTY = "tty/ttyUSB";

/** One after the other in each lane: what is to be tried, and then what takes its number. */
export const LANES: readonly (readonly Toy[])[] = [
  [
    {
      ...usb("stick", "stick", ["usb", "port", "subsystem"], DISK, {
        driver: "usb-storage",
        port: 3,
        name: "2-3",
        properties: { drive: "zeroes-stick" },
      }),
      isShown: true,
    },
    { ...scsi("disk-later", ["subsystem"], "zeroes-disk"), isShown: true },
    scsi("disk", ["subsystem"], "zeroes-disk"),
    usb("stick-later", "stick", ["usb", "subsystem"], DISK, {
      driver: "usb-storage",
      port: 2,
      name: "2-2",
      properties: { drive: "zeroes-stick" },
    }),
  ],
  [
    usb("keyboard", "keyboard", ["usb", "port"], INPUT, {
      driver: "usb-kbd",
      port: 1,
      name: "1-1",
    }),
    usb("keyboard-later", "keyboard", ["usb"], INPUT, { driver: "usb-kbd", port: 6, name: "1-6" }),
  ],
  [
    usb("serial", "serial", ["usb", "port", "subsystem"], TTY, {
      driver: "usb-serial",
      port: 4,
      name: "1-4",
      properties: { chardev: "silence", "always-plugged": true },
    }),
    usb("serial-later", "serial", ["usb", "subsystem"], TTY, {
      driver: "usb-serial",
      port: 7,
      name: "1-7",
      properties: { chardev: "silence", "always-plugged": true },
    }),
  ],
];

function usb(
  id: string,
  kind: Kind,
  seenBy: readonly BoxName[],
  at: string,
  { driver, port, name, properties }: Usb,
): Toy {
  return {
    id,
    kind,
    seenBy,
    at,
    place: new RegExp(`/${name}/`),
    plug: (qemu) => qemu.plug(id, driver, port, properties),
  };
}

function scsi(id: string, seenBy: readonly BoxName[], drive: string): Toy {
  const properties = { driver: "scsi-hd", id, bus: "scsi.0", drive };
  const place = /\/virtio\d+\/host/;
  return { id, kind: "disk", seenBy, at: DISK, place, plug: (qemu) => qemu.execute("device_add", properties) };
}

/** Where it is in /sys, if it is there. */
export function find({ at, place }: Toy): string | undefined {
  const [className = "", prefix = ""] = at.split("/");
  const names = readdirSync(`/sys/class/${className}`).filter((name) => name.startsWith(prefix));
  return names.map((name) => `/sys/class/${className}/${name}`).find((path) => place.test(target(path)));
}

function target(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // it has gone
  }
}

/** What prober.py calls what it has in its hands. */
export function identityOf({ kind }: Toy, path: string): string {
  const read = (name: string): string => readFileSync(join(path, name), "latin1").trim();
  if (kind === "keyboard") return read("device/phys");
  return kind === "serial" ? realpathSync(path) : `disk ${read("diskseq")}`;
}

/** Below /dev. */
export function nodeOf({ at }: Toy, path: string): string {
  return at === INPUT ? `input/${basename(path)}` : basename(path);
}

export function isThere(node: string): boolean {
  return existsSync(join("/dev", node));
}
