import { lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test, vi } from "vitest";

import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";
import { RUNC } from "./view/engines.js";
import { Guest } from "./view/guest.js";
import { lateLoop, TEXT } from "./view/late-device.js";
import { neededFor } from "./view/late-disk.js";
import { compilePrograms } from "./view/opener.js";

const CYCLES = Number(process.env["CHURN_CYCLES"] ?? 3); // in which the disk comes and goes
const SLOW = { timeout: 60_000 }; // on a machine that is busy
vi.setConfig({ testTimeout: 120_000 + CYCLES * 10_000 });

const NAME = "deep/disk"; // a directory of it can be exchanged too
const READ = `dd if=/dev/${NAME} bs=${TEXT.length} count=1 2>/dev/null`;

test(
  "whoever exchanges what is in its /dev all the time leads nothing out of it, and no other container misses anything",
  neededFor(RUNC, "a compiler"),
  async () => {
    await using stack = new Stack();
    const { path } = stack.use(temporaryDirectory());
    const [churn, outside] = [join(path, "churn"), join(path, "outside")];
    for (const each of [churn, outside]) mkdirSync(each);
    for (const name of ["file", "disk"]) writeFileSync(join(outside, name), "theirs");
    compilePrograms(churn, ["churner"]);
    const binds = [
      { source: churn, destination: "/churn" },
      { source: outside, destination: outside }, // whoever follows a link finds it, on the host too
    ];
    const hostile = stack.use(await Guest.start(RUNC, false, binds));
    const other = stack.use(await Guest.start(RUNC, false));
    const late = lateLoop();
    const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir: join(path, "run") }));
    const warnings: string[] = [];
    for (const [name, { pid }] of Object.entries({ hostile, other })) {
      const view = { dev: "auto", cgroup: "auto", allow: [`${late.devpath},as=${NAME}`] } as const;
      const box = await relay.attach({ name, pid, ...view });
      box.on("warning", ({ code }) => warnings.push(`${name} ${code}`));
    }
    const before = lookAt(outside);
    await hostile.ask(`/churn/churner ${outside} ${NAME} deep </dev/null >/tmp/said 2>&1 &`);
    for (let i = 0; i < CYCLES; i++) {
      using disk = late.plug();
      await expect.poll(() => other.ask(READ), SLOW).toBe(TEXT);
      await hostile.ask(READ); // whatever it finds
      disk.unplug();
      await expect.poll(() => other.ask(`ls /dev/${NAME}`), SLOW).toMatch(/No such file/);
    }
    await hostile.ask("touch /tmp/end");
    await expect.poll(() => hostile.ask("cat /tmp/said"), SLOW).toMatch(/^exchanged [1-9]/);
    expect(lookAt(outside)).toEqual(before);
    expect(warnings.filter((warning) => warning !== "hostile PATH_UNUSABLE")).toEqual([]);

    using disk = late.plug();
    await expect.poll(() => hostile.ask(READ), SLOW).toBe(TEXT);
    disk.unplug();
    await relay.close();
    expect(hostile.lost).toEqual([]);
    expect(lookAt(outside)).toEqual(before);
  },
);

/** All that tells whether something in a directory was changed. */
function lookAt(directory: string): readonly string[] {
  return ["", ...readdirSync(directory)].map((name) => {
    const { ino, mode, uid, gid, nlink, mtimeNs, ctimeNs } = lstatSync(join(directory, name), { bigint: true });
    return [name, ino, mode, uid, gid, nlink, mtimeNs, ctimeNs].join(" ");
  });
}
