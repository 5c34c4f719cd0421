import { readFileSync, readdirSync } from "node:fs";

import { readRecords } from "@uevent-bridge/uevent/testing";

const directory = new URL("../../../test/corpus/", import.meta.url);
const GROUPS = { kernel: 1, udev: 2 } as const;

/** All recorded datagrams of one form; the long recording, which repeats another one, is left out. */
export function corpus(form: keyof typeof GROUPS): Uint8Array[] {
  const files = readdirSync(directory).filter((name) => name.endsWith(".bin") && !name.includes("x20"));
  return files
    .flatMap((name) => readRecords(readFileSync(new URL(name, directory))))
    .filter(({ groups }) => groups === GROUPS[form])
    .map(({ bytes }) => bytes);
}
