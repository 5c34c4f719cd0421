import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { agentPath } from "@uevent-bridge/agent";
import { describe, expect, test, vi } from "vitest";

import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import { Plain, Stage, isWritten } from "./exec-stage.js";
import { until } from "./listener.js";
import { change } from "./loops.js";
import { temporaryDirectory } from "./temporary.js";

const needed = needs("root", "loop devices", "debian package busybox-static");

/** A helper that shows what it is held to, as a program that the container starts itself is asked, too. */
const SHOW = `#!/bin/sh
exec >/run/shown 2>&1
id
grep -E 'Cap(Bnd|Prm|Eff|Inh|Amb)|NoNewPrivs' /proc/self/status
cat /proc/self/limits /proc/self/oom_score_adj /proc/self/cgroup
for each in user net mnt pid ipc uts cgroup; do readlink /proc/self/ns/$each; done
umask
`;

/** What it may have of the relay. */
const SHOW_OURS = `#!/bin/sh
exec >/run/shown 2>&1
grep Groups /proc/self/status
chrt -p $$
ionice -p $$
echo nice $(nice)
keyctl show @s
keyctl print %user:uevent-bridge-test
echo end
`;

/** Takes the file of the first process of ours that it can look into, and writes to it when nobody runs it any more. */
const THIEF = `
import os
def caught():
    while True:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if "uevent-agent" in os.readlink(f"/proc/{pid}/exe"): return os.open(f"/proc/{pid}/exe", os.O_RDONLY)
            except OSError: pass
fd = caught()
print(os.fstat(fd).st_dev, os.fstat(fd).st_ino, flush=True)
input()
try: os.write(os.open(f"/proc/self/fd/{fd}", os.O_WRONLY), b"x")
except OSError as error: print(error.strerror)
`;

describe("a program of a container that is run from outside, and its rights", needed, () => {
  test("is held to what one is that the container starts itself", async () => {
    await using stage = await Stage.open();
    stage.script("/run/show", SHOW);
    const { pid } = stage.system;
    writeFileSync(`/proc/${pid}/oom_score_adj`, "321");
    stage.system.run("prlimit", `--pid=1`, "--nproc=500:600", "--core=0:0");
    stage.system.run("sh", "-c", "cd /; prlimit --nproc=500:600 --core=0:0 choom -n 321 -- /run/show");
    const own = stage.lines("/run/shown");
    stage.system.run("rm", "/run/shown");
    await stage.attach("/run/show");
    await until(() => stage.lines("/run/shown").length >= own.length, "it has shown it");
    expect(stage.lines("/run/shown")).toEqual(own);
    expect(own.join("\n")).toContain("uid=0 gid=0 groups=0");
  });

  test("has no descriptor of ours, and no word of our environment", async () => {
    await using stage = await Stage.open();
    stage.script("/run/show", "#!/bin/sh\n{ env; ls -l /proc/self/fd; } >/run/shown\n");
    vi.stubEnv("UEVENT_BRIDGE_SECRET", "host");
    try {
      await stage.attach("/run/show");
    } finally {
      vi.unstubAllEnvs();
    }
    await until(() => stage.lines("/run/shown").some((line) => line.includes(" 2 -> ")), "it has shown it");
    const shown = stage.lines("/run/shown");
    const names = shown.flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
    const told = ["ACTION", "DEVNAME", "DEVPATH", "DEVTYPE", "DISKSEQ", "MAJOR", "MINOR", "SUBSYSTEM"];
    expect(names.filter((name) => !told.includes(name)).sort()).toEqual(["HOME", "PATH", "PWD"]);
    const files = shown.flatMap((line) => / (\d+) -> (.*)$/.exec(line)?.slice(1).join(" ") ?? []);
    expect(files).toEqual(["0 /dev/null", "1 /run/shown", "2 /dev/null", expect.stringMatching(/^3 \/proc\//)]);
  });

  test("is held to its cgroup", needs("cgroups"), async () => {
    using cgroup = ownCgroup();
    await using stage = await Stage.open();
    cgroup.add(stage.system.pid);
    stage.script("/run/show", "#!/bin/sh\ncat /proc/self/cgroup >/run/shown\n");
    await stage.attach("/run/show");
    await until(() => stage.lines("/run/shown").length > 0, "it has shown it");
    expect(stage.lines("/run/shown").join("\n")).toContain(cgroup.name);
  });

  test("is run by a process into which the container's root cannot look", async () => {
    await using stage = await Stage.open();
    stage.script("/run/note", "#!/bin/sh\necho >>/run/ran\n");
    await stage.attach("/run/note");
    await until(() => stage.lines("/run/ran").length === 1, "it ran: what is ours does nothing now");
    const look =
      "for p in /proc/[0-9]*; do grep -qs uevent-agent $p/comm && { ls $p/fd/; cat $p/environ; readlink $p/exe; ls $p/root/; }; done; true";
    const seen = stage.system.run("sh", "-c", `{ ${look}; } 2>&1`).split("\n").slice(0, -1);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.filter((line) => !line.includes("Permission denied"))).toEqual([]);
  });

  test("is not the host's file where it is a link to what runs it", async () => {
    await using stage = await Stage.open();
    stage.system.run("ln", "-s", "/proc/self/exe", "/run/self");
    const box = await stage.attach("/run/self"); // each time it says what words it knows, and ends
    const thief = stage.system.start("python3", "-c", THIEF);
    await until(() => (change(stage.mine), thief.lines.length > 0), "it is caught");
    await box.detach();
    thief.process.stdin?.write("\n");
    await until(() => thief.process.exitCode !== null, "it has tried to write");
    const [file = "", written] = thief.lines;
    const { dev, ino } = statSync(agentPath());
    expect(file).toMatch(/^\d+ \d+$/);
    expect(file).not.toBe(`${dev} ${ino}`);
    expect(written).toBe("Operation not permitted");
  });

  test("has no group, no priority and no key of ours", needs("debian package keyutils"), async () => {
    await using stage = await Stage.open();
    const box = stage.use(await Plain.start("mount -t tmpfs tmpfs /run; echo; exec cat"));
    writeFileSync(box.path("/run/show"), SHOW_OURS, { mode: 0o755 });
    const args = ["attach", newName(), "--pid", `${box.pid}`, "--allow", stage.mine, "--exec", "/run/show"];
    const env = { XDG_RUNTIME_DIR: stage.use(temporaryDirectory()).path };
    const keyring = "keyctl add user uevent-bridge-test secret @s >/dev/null";
    const better = "exec setpriv --groups 6,42 chrt --fifo 5 ionice -c 1 nice -n -5";
    const wrapper = ["keyctl", "session", "-", "sh", "-c", `${keyring}; ${better} "$@"`, "sh"];
    await using cli = new Cli(args, { env, wrapper });
    const shownPath = box.path("/run/shown");
    await until(() => isWritten(shownPath, "end\n") || cli.process.exitCode !== null, "it runs");
    const shown = readFileSync(shownPath, "utf8");
    expect(shown).toContain("Groups:\t \n");
    expect(shown).toContain("SCHED_OTHER");
    expect(shown).toMatch(/^none: prio 4|^none/m);
    expect(shown).toContain("nice 0");
    expect(shown).not.toContain("secret");
  });

  test("is the container's where that is in a directory of the host", async () => {
    await using stage = await Stage.open();
    const root = stage.use(temporaryDirectory()).path;
    for (const name of ["usr", "proc", "run"]) mkdirSync(join(root, name));
    for (const name of ["bin", "sbin", "lib", "lib64"]) symlinkSync(readlinkSync(`/${name}`), join(root, name));
    const mounts = `cd ${root}; mount --rbind /usr usr; mount --rbind /proc proc; mount -t tmpfs tmpfs run`;
    const show = "printf '#!/bin/sh\\nls / >/run/shown\\n' >run/show; chmod 755 run/show";
    const box = stage.use(await Plain.start(`${mounts}; ${show}; echo; exec chroot ${root} cat`));
    await stage.attach("/run/show", box.pid);
    const shown = box.path("/run/shown");
    await until(() => isWritten(shown, "usr\n"), "it runs");
    expect(readFileSync(shown, "utf8").split("\n").slice(0, -1)).toEqual([
      "bin",
      "lib",
      "lib64",
      "proc",
      "run",
      "sbin",
      "usr",
    ]);
  });

  test("gets nothing of ours either when the container's root takes all descriptors from what runs it", async () => {
    await using stage = await Stage.open();
    stage.script("/run/show", "#!/bin/sh\nls -l /proc/self/fd >>/run/shown; echo said\n");
    await stage.attach("/run/show");
    await until(() => stage.lines("/run/shown").length > 0, "it runs");
    stage.system.run("rm", "/run/shown");
    stage.system.run("sh", "-c", "for each in $(pgrep uevent-agent); do prlimit --pid $each --nofile=0:1024; done");
    change(stage.mine);
    await until(() => stage.warnings.length > 0, "it is said that it does not run");
    expect(stage.warnings[0]?.message).toContain("/run/show exited with 126");
    expect(stage.lines("/run/shown")).toEqual([]);
  });
});

/** A cgroup of the test's own: of the one hierarchy, or of that for counting processes where there are several. */
function ownCgroup(): Disposable & { readonly name: string; add(pid: number): void } {
  const name = `uevent-bridge-test-${process.pid}`;
  const path = join(existsSync("/sys/fs/cgroup/pids") ? "/sys/fs/cgroup/pids" : "/sys/fs/cgroup", name);
  mkdirSync(path);
  return {
    name,
    add: (pid) => writeFileSync(join(path, "cgroup.procs"), `${pid}`),
    [Symbol.dispose]: () => rmdirSync(path),
  };
}
