import { chmodSync, chownSync, mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { Cli } from "../cli.js";
import { needs } from "../needs.js";
import { UID_BASE } from "./container.js";
import { codesIn, codesOf, doctor } from "./findings.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { temporaryDirectory } from "./temporary.js";

const needed = needs("root", "debian package python3");

test("says who listens in /run/uevent, who is dead, and what a relay passes over", needed, async () => {
  using directory = runUevent(UID_BASE);
  await using system = await System.start([{ source: directory.path, destination: "/run/uevent" }]);
  const binder = system.start("python3", "-c", BIND_ALL);
  await until(() => binder.lines.length > 0, "it has bound its sockets");
  const found = await doctor(system.pid);
  expect(found.get("run-uevent.there")).toBe('there is a /run/uevent, and 1 listen in it: "open.sock"');
  expect(found.get("run-uevent.dead")).toMatch(/: "dead\.sock"$/);
  const passed = found.get("run-uevent.passed-over")?.replace(/^.*\/run\/uevent: /, "");
  expect(passed?.split(", ").sort()).toEqual([
    '"link.sock" is a symlink',
    '"odd" has a name that does not end in .sock',
    '"stream.sock" is a socket that takes no datagrams',
  ]);
});

test("finds more listeners than a relay tells", needed, async () => {
  using directory = runUevent(UID_BASE);
  await using system = await System.start([{ source: directory.path, destination: "/run/uevent" }]);
  const binder = system.start("python3", "-c", BIND_MANY);
  await until(() => binder.lines.length > 0, "it has bound its sockets");
  expect((await doctor(system.pid)).get("run-uevent.too-many")).toMatch(/^65 listen .* tells 64 of them/);
});

test("finds a /run/uevent in which no program can bind a socket", needed, async () => {
  using directory = runUevent(0);
  await using system = await System.start([{ source: directory.path, destination: "/run/uevent" }]);
  const bind = (): string => system.run("python3", "-c", BIND_ONE).trim();
  expect([bind(), (await doctor(system.pid)).get("run-uevent.foreign")]).toEqual([
    "EACCES",
    expect.stringMatching(/belongs to uid 0, and its root is uid 100000 here/),
  ]);
  chownSync(directory.path, UID_BASE, UID_BASE);
  system.run("mount", "-o", "remount,bind,ro", "/run/uevent");
  expect([bind(), await codesIn(system)]).toEqual(["EROFS", expect.arrayContaining(["run-uevent.read-only"])]);
  system.run("mount", "-o", "remount,bind,rw", "/run/uevent");
  expect((await codesIn(system)).filter((code) => code.startsWith("run-uevent."))).toEqual(["run-uevent.there"]);
  rmdirSync(directory.path);
  expect([bind(), await codesIn(system)]).toEqual(["ENOENT", expect.arrayContaining(["run-uevent.removed"])]);
});

test("a container without a /run/uevent, and one where it is a file", needed, async () => {
  await using system = await System.start();
  expect(await codesIn(system)).toContain("run-uevent.none");
  system.write("/run/uevent", "");
  expect(await codesIn(system)).toContain("run-uevent.no-directory");
});

test("finds a /run/udev/control that nobody has open, and one without a database", needed, async () => {
  await using system = await System.start();
  system.write("/run/udev/control", "");
  expect((await doctor(system.pid)).get("run-udev.no-data")).toMatch(/no \/run\/udev\/data/);
  system.run("sh", "-c", "rm /run/udev/control; mkdir /run/udev/data");
  system.run("python3", "-c", LEAVE_CONTROL);
  expect((await doctor(system.pid)).get("run-udev.stale")).toMatch(/^nobody has its \/run\/udev\/control open/);
});

test("finds a /run/udev that is the host's", needed, async () => {
  await using cli = new Cli(["doctor", "--json", "--pid"], {
    wrapper: ["unshare", "--mount", "sh", "-c", A_HOST, "sh"],
  });
  await cli.exit();
  expect(codesOf(cli.stdout)).toContain("run-udev.hosts");
});

/** A host with a /run/udev of its own, and a container that finds the same: runs a command with the pid of that. */
const A_HOST = `
mount -t tmpfs tmpfs /run && mkdir -p /run/udev/data && : >/run/udev/control
unshare --user --map-root-user --net --mount sleep 60 >/dev/null &
until read -r name <"/proc/$!/comm" && [ "$name" = sleep ]; do sleep 0.05; done
"$@" $!
kill $!
`;

/** A directory for the sockets of a container, as its engine binds it in; its owner is a user of the host. */
function runUevent(uid: number): Disposable & { readonly path: string } {
  const directory = temporaryDirectory();
  const path = join(directory.path, "box");
  chmodSync(directory.path, 0o711); // the container's root has to come through
  mkdirSync(path, { mode: 0o700 });
  chownSync(path, uid, uid);
  return { path, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}

const BIND = `
import errno, os, socket, sys, time
def bind(path, kind=socket.SOCK_DGRAM):
    s = socket.socket(socket.AF_UNIX, kind)
    s.bind(path)
    return s
`;
const BIND_ALL = `${BIND}
os.chdir("/run/uevent")
held = [bind("open.sock"), bind("odd"), bind("stream.sock", socket.SOCK_STREAM)]
bind("dead.sock").close()
os.symlink("open.sock", "link.sock")
print("bound", flush=True)
time.sleep(1000)
`;
const BIND_MANY = `${BIND}
held = [bind("/run/uevent/%d.sock" % n) for n in range(65)]
print("bound", flush=True)
time.sleep(1000)
`;
const BIND_ONE = `${BIND}
try:
    bind("/run/uevent/one.sock").close()
    print("bound")
except OSError as error:
    print(errno.errorcode[error.errno])
`;
const LEAVE_CONTROL = `${BIND}
bind("/run/udev/control", socket.SOCK_SEQPACKET).close()
`;
