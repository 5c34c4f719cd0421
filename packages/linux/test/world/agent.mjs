// Runs inside a container of the tests, in plain JavaScript, and does there what it is told to.
import { execFileSync, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import nodeGypBuild from "node-gyp-build";

const addon = nodeGypBuild(fileURLToPath(new URL("../..", import.meta.url)));
const DEFAULT_BUFFER = 212_992; // bytes: net.core.rmem_default
const ENOBUFS = -105;

const checked = (result) => {
  if (typeof result === "number" && result < 0) throw new Error(`errno ${-result}`);
  return result;
};

const methods = {
  mountSysfs: () => void execFileSync("mount", ["-t", "sysfs", "sysfs", "/sys"]),
  bindMount(from, to, readOnly) {
    execFileSync("mount", ["--bind", from, to]);
    if (readOnly) execFileSync("mount", ["-o", "remount,bind,ro", to]);
  },
  createVeth: (name, peer) => checked(addon.createVeth(name, peer)),
  renameLink: (name, newName) => checked(addon.renameLink(name, newName)),
  deleteLink: (name) => checked(addon.deleteLink(name)),
  write: (path, texts) => texts.forEach((text) => writeFileSync(path, text)),
  forge: (bytes) => checked(addon.forgeUevent(bytes)),
  listen(receiveBuffer = DEFAULT_BUFFER / 2, group = 1) {
    const fd = checked(addon.openUeventSocket(group, receiveBuffer));
    return { fd, inode: fstatSync(fd).ino };
  },
  read(fd) {
    let read = addon.receiveOne(fd);
    if (read === ENOBUFS) read = addon.receiveOne(fd);
    return typeof read === "number" ? undefined : read;
  },
  close: (fd) => closeSync(fd),
  openDevice(path) {
    const fd = openSync(path, "r");
    const { pid } = spawn("sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", fd] });
    closeSync(fd);
    return pid;
  },
  mapDevice(path) {
    const fd = openSync(path, "r");
    checked(addon.mapFile(fd));
    closeSync(fd);
    return process.pid;
  },
};

process.on("disconnect", () => process.exit());
process.on("message", ({ id, method, args }) => {
  try {
    process.send({ id, value: methods[method](...args) });
  } catch (error) {
    process.send({ id, error: String(error) });
  }
});
process.send({ id: 0 });
