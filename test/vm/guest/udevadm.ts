import type { Database, Event } from "../report.js";

/** The events that `udevadm monitor --udev --property` showed. */
export function parseMonitor(lines: readonly string[]): readonly Event[] {
  const events: { action: string; devpath: string; properties: Record<string, string> }[] = [];
  for (const line of lines) {
    const [, action, devpath] = /^UDEV {2}\[[\d.]+\] (\S+) +(\S+) \(/.exec(line) ?? [];
    if (action !== undefined && devpath !== undefined) events.push({ action, devpath, properties: {} });
    else Object.assign(events.at(-1)?.properties ?? {}, pairOf(line));
  }
  return events;
}

/** What `udevadm info --export-db` showed. */
export function parseDatabase(text: string): Database {
  const devices = text.split("\n\n").map((block) => block.split("\n"));
  return Object.fromEntries(
    devices.flatMap((lines) => {
      const path = lines.find((line) => line.startsWith("P: "))?.slice(3);
      const pairs = lines.filter((line) => line.startsWith("E: ")).map((line) => pairOf(line.slice(3)));
      return path === undefined ? [] : [[path, Object.assign({}, ...pairs) as Record<string, string>]];
    }),
  );
}

function pairOf(line: string): Record<string, string> {
  const eq = line.indexOf("="); // the first one: a value may contain "="
  return eq < 0 ? {} : { [line.slice(0, eq)]: line.slice(eq + 1) };
}
