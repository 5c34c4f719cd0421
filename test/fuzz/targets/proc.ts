import assert from "node:assert/strict";
import { posix } from "node:path";
import { KernelError } from "@uevent-bridge/kernel";
import { cgroupFiles, limitsOf, valueIn } from "../../../packages/linux/src/confinement.js";
import { hostIdOf, insideOf, isInside, rootOf } from "../../../packages/linux/src/id-map.js";
import { escaped, isIn } from "../../../packages/linux/src/mount-tables.js";
import { linesOf, unescaped } from "../../../packages/linux/src/mountinfo.js";
import { parseReaders, parseSockets } from "../../../packages/linux/src/netlink-table.js";
import { cgroupMounts, pathsIn } from "../../../packages/linux/src/rights/cgroups.js";
import { allIfAll, opens, parse } from "../../../packages/linux/src/rights/device-list.js";
import { bytesOf, holds, text } from "../engine/target.js";
import { main } from "../engine/watch.js";

/** A container chooses its paths: the kernel writes them so that nothing else can be forged. */
function mountinfo(paths: readonly string[]): void {
  const lines = paths.map(
    (path, i) => `${i} 1 8:${i} ${escaped(`/r${path}`)} ${escaped(`/p${path}`)} rw,noatime shared:1 - ext4 /dev/sda rw`,
  );
  const table = lines.map((line) => `${line}\n`).join("");
  assert.deepEqual(
    linesOf(table).slice(0, -1),
    paths.map((path, i) => ({ number: `8:${i}`, place: `/p${path}` })),
  );
  for (const [i, path] of paths.entries()) {
    assert.equal(unescaped(escaped(path)), path);
    const [root, place] = [escaped(`/r${path}`), escaped(`/p${path}`)];
    const others = paths.filter((each) => each === path).length - 1;
    holds(
      others > 0 || !isIn(`\n${table}`, { device: `8:${i}`, root, path: place }),
      "it is taken for mounted elsewhere",
    );
    holds(isIn(`\n${table}`, { device: `8:${i}`, root, path: `${place}x` }), "it is not found");
  }
}

/** The file by which one joins a cgroup, wherever its hierarchy is mounted. */
function cgroups(paths: readonly string[]): void {
  const [place = "", root = "", below = ""] = paths.map(
    (path) => `/${path.replaceAll("\n", "").replaceAll("//", "/")}`,
  );
  const mount = `29 23 0:26 ${escaped(root)} ${escaped(place)} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n`;
  const path = posix.normalize(`${root}${below}`);
  const own = root === "/" ? path : posix.normalize(root);
  assert.equal(pathsIn(`0::${path}\n`).unified, path);
  assert.deepEqual(cgroupMounts(mount), [{ kind: "unified", root, place, isWritable: true }]);
  if (root !== posix.normalize(root) || root.endsWith("/..") || root.includes("/../")) return;
  try {
    const [file] = cgroupFiles(1, `0::${path}\n`, "0::/other\n", mount);
    const inner = root === "/" ? path : path.slice(own.length);
    if (path !== "/other") assert.equal(file, posix.join(place, inner, "cgroup.procs"));
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    holds(path.split("/").includes("..") || !(path === root || path.startsWith(`${root}/`)), "a cgroup is not found");
  }
}

function netlink(table: string): void {
  const sockets = parseSockets(table);
  const all = [...sockets, ...parseReaders(table, 1)];
  holds(all.length <= 2 * table.length, "more sockets than lines");
  holds(
    sockets.every(({ groups }) => new Set(groups).size === groups.length),
    "a group is there twice",
  );
}

function idMap(map: string): void {
  const [root, inside] = [rootOf(map), insideOf(map)];
  if (root === undefined || inside === undefined || !/^( *\d{1,9} +\d{1,9} +[1-9]\d{0,8} *\n)+$/.test(map)) return;
  assert.equal(hostIdOf(map, inside), root);
  holds(isInside(map, root), "root is not inside");
}

function deviceList(list: string): void {
  const entries = parse(list.split("\n"));
  const all = allIfAll(entries);
  const isOpen = opens(entries, { type: "char", major: 1, minor: 3 }, "rw");
  holds(all.get("a *:*") !== "rwm" || opens(all, { type: "block", major: 8, minor: 0 }, "rwm"), "all is not all");
  holds(!isOpen || entries.size > 0, "nothing opens something");
}

/** A process chooses its name: 15 bytes, of which a newline and a backslash are escaped. */
function status(comm: string): void {
  const name = comm.slice(0, 15).replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  const table = `Name:\t${name}\nUmask:\t0022\nCapBnd:\t00000000000000ff\nNoNewPrivs:\t0\nSeccomp:\t2\n`;
  const values = ["CapBnd", "NoNewPrivs", "Seccomp"].map((each) => valueIn(table, each));
  assert.deepEqual(values, ["00000000000000ff", "0", "2"], "a name is taken for more");
}

function limits(table: string): void {
  for (const { soft, hard } of limitsOf(table)) holds(soft >= 0n && hard >= 0n, "a limit is below 0");
}

main({
  run(bytes) {
    const rest = text(bytes.subarray(1));
    const paths = rest.split("\0").slice(0, 6);
    [
      () => mountinfo(paths),
      () => cgroups(paths),
      () => netlink(rest),
      () => idMap(rest),
      () => deviceList(rest),
      () => limits(rest),
      () => status(rest),
    ][(bytes[0] ?? 0) % 7]?.();
  },
  seeds: () =>
    [
      "\0/a b\0/c\\040d\0/\t\n\0",
      "\x01sys/fs/cgroup\0\0user.slice/x y",
      "\x01cg\0docker/1\0init.scope",
      "\x02sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode\n0000 15 1234 00000003 0 0 0 2 5 77\n0000 0 0 00000000 0 0 0 2 0 8\n",
      "\x03         0     100000      65536\n",
      "\x03    1000       1000          1\n 0 5 2\n",
      "\x04c 1:3 rwm\nb *:* m\na *:* rwm\nc 136:* rw\n",
      "\x05Limit                     Soft Limit           Hard Limit           Units     \nMax cpu time              unlimited            unlimited            seconds   \nMax open files            1024                 4096                 files     \n",
      "\x06\rSeccomp:\t0",
    ].map(bytesOf),
});
