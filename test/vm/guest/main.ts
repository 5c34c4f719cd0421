import { readFileSync } from "node:fs";

import type { ProgramName, Reports } from "../report.js";
import { writeReport } from "./host.js";
import { plug } from "./plug.js";
import { Qemu } from "./qemu.js";
import { slack } from "./slack.js";
import { systemd } from "./systemd.js";
import { touch } from "./touch.js";
import { xorg } from "./xorg.js";

/** In one process: to start Node, and to import what all need, takes the emulated machine longer than to plug a device. */
const PROGRAMS: { readonly [Name in ProgramName]: (qemu: Qemu) => Promise<Reports[Name]> } = {
  plug,
  systemd,
  touch,
  slack,
  xorg,
};

const qemu = new Qemu();
const named = / vm\.programs=(\S+)/.exec(readFileSync("/proc/cmdline", "latin1"))?.[1] ?? "";
for (const name of named.split(",") as ProgramName[]) {
  console.log(`${name} begins at ${process.uptime().toFixed()} s`);
  try {
    writeReport(name, await PROGRAMS[name](qemu));
  } catch (error) {
    console.log(error); // and without its report its tests fail
  }
}
console.log(`all have ended at ${process.uptime().toFixed()} s`);
process.exit(); // the machine ends, and all that runs in it
