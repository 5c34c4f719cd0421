import { mkdtemp, rmdir } from "node:fs/promises";
import { join } from "node:path";

import type { Kernel } from "@uevent-bridge/kernel";

import { makeControlDirectory } from "../control/directory.js";
import type { Runtime } from "../runtime-directory.js";
import { note, ok, problem } from "./finding.js";
import type { Finding } from "./finding.js";

const OLDEST: readonly [number, number] = [5, 3]; // pidfd_open
const SMALL_BUFFER = 1 << 20; // bytes: about 800 events

/** Is the kernel new enough? @param release as `uname -r` says it */
export function checkRelease(release: string): Finding {
  const [major = 0, minor = 0] = release.split(".").map((part) => Number.parseInt(part, 10));
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  if (!isOld) return ok("kernel.new-enough", `Linux ${release}`);
  return problem(
    "kernel.too-old",
    `Linux ${release} is too old`,
    `Linux ${OLDEST.join(".")} is the oldest that works.`,
  );
}

/** May we listen to the kernel, and how much can wait for us? */
export function checkListening(kernel: Kernel): Finding[] {
  const source = kernel.openSource({ group: "kernel", onBatch: () => {} });
  const bytes = source.receiveBuffer;
  source.close();
  const buffer = `a receive buffer of ${Math.round(bytes / 1024)} KiB`;
  const listens = ok("events.heard", "this user may listen to the kernel");
  if (bytes >= SMALL_BUFFER) return [listens, ok("buffer.large", buffer)];
  return [
    listens,
    note("buffer.small", `${buffer}: a burst of events may overrun it`, "Run as root, or raise net.core.rmem_max."),
  ];
}

/** Does udevd run on the host? */
export function checkUdev(kernel: Kernel): Finding {
  if (kernel.udevRuns()) return ok("udev.runs", "udevd runs on this host");
  return note(
    "udev.none",
    "no udevd runs on this host: rules with tag=, devlink= or env:ID_… pick nothing",
    "Start udevd to use them.",
  );
}

/** Can sockets be put where containers look for them? @throws BridgeError PATH_UNUSABLE */
export async function checkDirectory(runtime: Runtime): Promise<Finding> {
  await makeControlDirectory(runtime);
  await rmdir(await mkdtemp(join(runtime.directory, ".doctor-")));
  return ok("sockets.usable", `${runtime.directory} is usable`);
}
