import { readFileSync, readdirSync } from "node:fs";

import { type Record, readRecords } from "@uevent-bridge/uevent/testing";

const directory = new URL("../../../test/corpus/", import.meta.url);
const KERNEL_GROUP = 1;

/** All recorded datagrams; the long recording, which repeats another one, is left out. */
export function corpus(form: "kernel" | "udev"): Record[] {
  const files = readdirSync(directory).filter((name) => name.endsWith(".bin") && !name.includes("x20"));
  const records = files.flatMap((name) => readRecords(readFileSync(new URL(name, directory))));
  return records.filter(({ groups }) => (groups === KERNEL_GROUP) === (form === "kernel"));
}
