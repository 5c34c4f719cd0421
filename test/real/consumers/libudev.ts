import type { Inside } from "../inside/inside.js";
import { until } from "../listener.js";
import type { Consumer } from "./consumer.js";

/** A program that listens to udevd. */
export interface LibudevKind<T extends Consumer = Consumer> {
  readonly name: string;
  /** The Debian package that brings it. */
  readonly debian: string;
  readonly launch: (inside: Inside) => T;
}

const python = (name: string, ...filters: readonly string[]): LibudevKind => ({
  name,
  debian: "python3-pyudev",
  launch(inside) {
    const { lines } = inside.startPython(new URL("udev-monitor.py", import.meta.url), ...filters);
    return { heard: () => lines };
  },
});

export const byDevtype = python("a pyudev monitor of disks", "subsystem=block/disk");
export const byTag = python("a pyudev monitor of a tag", "tag=systemd");
export const byOtherTag = python("a pyudev monitor of another tag", "tag=uaccess");
export const byOtherDevtype = python("a pyudev monitor of partitions", "subsystem=block/partition");

/** With the properties of the last event that it showed. */
export interface Monitor extends Consumer {
  properties(): ReadonlyMap<string, string>;
}

export const udevadmUdev = {
  name: "udevadm monitor --udev --property",
  debian: "udev",
  launch(inside: Inside): Monitor {
    const { lines } = inside.start("udevadm", "monitor", "--udev", "--property");
    const heads = (): readonly (RegExpExecArray | null)[] =>
      lines.map((line) => /^UDEV {2}\[[\d.]+\] (\S+) +(\S+) \(/.exec(line));
    return {
      heard: () => heads().flatMap((head) => (head ? [`${head[1]}@${head[2]}`] : [])),
      properties: () =>
        new Map(
          lines.slice(heads().findLastIndex(Boolean) + 1).flatMap((line) => {
            const [, key, value] = /^([^=]+)=(.*)$/.exec(line) ?? [];
            return key === undefined || value === undefined ? [] : [[key, value] as const];
          }),
        ),
    };
  },
} satisfies LibudevKind<Monitor>;

/** Starts one and resolves when it listens. */
export async function startLibudev<T extends Consumer>(kind: LibudevKind<T>, inside: Inside): Promise<T> {
  const before = inside.readers(2);
  const consumer = kind.launch(inside);
  await until(() => inside.readers(2) > before, `${kind.name} listens`);
  return consumer;
}

/** The devices that a program of libudev finds, which udevd (or we) said to be ready. */
export function enumerate(inside: Inside, ...tags: readonly string[]): readonly string[] {
  return inside
    .runPython(new URL("udev-enumerate.py", import.meta.url), ...tags)
    .split("\n")
    .slice(0, -1);
}
