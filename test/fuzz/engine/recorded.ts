import { readdirSync, readFileSync } from "node:fs";
import { readRecords } from "../../../packages/uevent/src/testing/records.js";

const CORPUS = "test/corpus";
const EACH = 12; // of a file

/** Datagrams of real machines, in the kernel's form (1) or udev's (2). */
export function recorded(groups: 1 | 2): readonly Uint8Array[] {
  const files = readdirSync(CORPUS)
    .filter((name) => name.endsWith(".bin"))
    .toSorted();
  return files.flatMap((name) =>
    readRecords(new Uint8Array(readFileSync(`${CORPUS}/${name}`)))
      .filter((record) => record.groups === groups)
      .slice(0, EACH)
      .map(({ bytes }) => bytes.slice()),
  );
}
