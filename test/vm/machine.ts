import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "esbuild";

import { needs } from "../needs.js";
import { ROOT } from "../packages.js";
import { temporaryDirectory } from "../real/temporary.js";
import { IMAGE } from "./image.js";

const PATIENCE_MS = 400_000; // of a machine that is busy; alone it takes a quarter of that
const TAIL_LINES = 60;
const GUEST = ".cache/vm/guest";

/** What building and running it needs. */
export const needsMachine = (): ReturnType<typeof needs> =>
  needs(
    "debian package qemu-system-x86",
    "debian package busybox-static",
    "debian package cpio",
    "debian package e2fsprogs",
    "debian package kmod",
    "debian package python3",
    "debian package udev",
  );

/** Boots the virtual machine, runs test/vm/guest/PROGRAM.ts in it as root, and returns what that reported. @throws Error with the end of the console */
export async function runInMachine<Report>(program: string): Promise<Report> {
  using share = temporaryDirectory();
  using monitor = temporaryDirectory();
  await compile();
  const console = await boot(`/workspace/${GUEST}/vm/guest/${program}.js`, share.path, monitor.path);
  try {
    return JSON.parse(readFileSync(join(share.path, "report.json"), "utf8")) as Report;
  } catch (cause) {
    const tail = console.split("\n").slice(-TAIL_LINES).join("\n");
    throw new Error(`${program} reported nothing. The end of the console:\n${tail}`, { cause });
  }
}

/** File by file, beside the workspace's node_modules: what they import and read is found as here. */
async function compile(): Promise<void> {
  await build({
    entryPoints: ["vm/guest", "real/inside", "real/consumers"]
      .map((directory) => `test/${directory}/*`)
      .concat(["real/container", "real/listener", "vm/report", "vm/seen"].map((name) => `test/${name}.ts`)),
    absWorkingDir: ROOT,
    outdir: join(ROOT, GUEST),
    outbase: "test",
    format: "esm",
    target: "node20",
    loader: { ".c": "copy", ".py": "copy", ".sh": "copy" },
  });
}

async function boot(program: string, share: string, directory: string): Promise<string> {
  const qemu = spawn("qemu-system-x86_64", machine(program, share, directory), { stdio: ["ignore", "pipe", "pipe"] });
  const patience = setTimeout(() => qemu.kill("SIGKILL"), PATIENCE_MS);
  let console = "";
  for (const stream of [qemu.stdout, qemu.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => (console += chunk));
  }
  await once(qemu, "close");
  clearTimeout(patience);
  return console;
}

/** Software emulation, so that it runs where there is no KVM. The guest speaks to QEMU's monitor by a serial port. */
function machine(program: string, share: string, directory: string): readonly string[] {
  const file = (name: string): string => join(IMAGE, name);
  const monitor = join(directory, "monitor");
  return [
    "-M q35 -accel tcg,thread=multi,tb-size=512 -cpu max -m 1024 -smp 2".split(" "),
    "-nodefaults -no-user-config -no-reboot -display none -serial stdio".split(" "),
    ["-kernel", file("vmlinuz"), "-initrd", file("initrd")],
    ["-append", `console=ttyS0 quiet panic=-1 mitigations=off no_timer_check vm.program=${program}`],
    ["-drive", `file=${file("root.img")},if=none,id=root,format=raw,readonly=on,cache=unsafe`],
    ["-device", "virtio-blk-pci,drive=root"],
    sharing("workspace", ROOT, ",readonly=on"),
    sharing("share", share),
    ["-chardev", `socket,id=monitor,path=${monitor},server=on,wait=off`, "-mon", "chardev=monitor,mode=control"],
    ["-chardev", `socket,id=guest,path=${monitor}`],
    ["-device", "virtio-serial-pci", "-device", "virtserialport,chardev=guest,name=qmp"],
    ["-device", "qemu-xhci,id=xhci,p2=8,p3=8"],
  ].flat();
}

function sharing(tag: string, path: string, more = ""): readonly string[] {
  const fsdev = `local,id=${tag},path=${path},security_model=none${more}`;
  return ["-fsdev", fsdev, "-device", `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`];
}
