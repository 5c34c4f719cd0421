import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "esbuild";

import { needs } from "../needs.js";
import { ROOT } from "../packages.js";
import { temporaryDirectory } from "../real/temporary.js";
import { IMAGE } from "./image.js";
import type { ProgramName, Reports } from "./report.js";

const PATIENCE_MS = 1_500_000; // of a machine that is busy; alone it takes a tenth of that
const ROUND_MS = 60_000;
const TAIL_LINES = 60;
const COMMAND_LINE = [
  "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check usb_storage.delay_use=0",
  "softlockup_panic=1 softlockup_all_cpu_backtrace=1",
  "cgroup.memory=nokmem,nosocket", // or code that the other processor runs is written over when a cgroup comes, where qemu may hang
].join(" ");
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

/** What programs in the virtual machine reported. */
export interface Reported {
  /** @throws Error with the end of the console: it reported nothing */
  by<Name extends ProgramName>(program: Name): Reports[Name];
}

/**
 * Boots the virtual machine, and runs what test/vm/guest/PROGRAM.ts of each exports in it as root, one after the other.
 * @param rounds that a program does which does something again and again
 */
export async function runInMachine(programs: readonly ProgramName[], rounds: number): Promise<Reported> {
  using share = temporaryDirectory();
  using monitor = temporaryDirectory();
  await compile();
  const console = await boot({ programs, rounds, share: share.path, directory: monitor.path });
  const texts = new Map(readdirSync(share.path).map((name) => [name, readFileSync(join(share.path, name), "utf8")]));
  return {
    by: <Name extends ProgramName>(program: Name) => {
      const text = texts.get(`${program}.json`);
      const tail = console.split("\n").slice(-TAIL_LINES).join("\n");
      if (text === undefined) throw new Error(`${program} reported nothing. The end of the console:\n${tail}`);
      return JSON.parse(text) as Reports[Name];
    },
  };
}

/** File by file, beside the workspace's node_modules: what they import and read is found as here. */
async function compile(): Promise<void> {
  await build({
    entryPoints: ["vm/guest", "real/inside", "real/consumers"]
      .map((directory) => `test/${directory}/*`)
      .concat(["real/container", "real/listener", "vm/boxes", "vm/report", "vm/seen"].map((name) => `test/${name}.ts`)),
    absWorkingDir: ROOT,
    outdir: join(ROOT, GUEST),
    outbase: "test",
    format: "esm",
    target: "node20",
    loader: { ".c": "copy", ".py": "copy", ".sh": "copy" },
  });
}

interface Boot {
  readonly programs: readonly string[];
  readonly rounds: number;
  readonly share: string;
  readonly directory: string;
}

async function boot(options: Boot): Promise<string> {
  const file = join(IMAGE, "console.log");
  const console = openSync(file, "w");
  const qemu = spawn("qemu-system-x86_64", machine(options), { stdio: ["ignore", console, console] });
  const patience = setTimeout(() => qemu.kill("SIGKILL"), PATIENCE_MS + options.rounds * ROUND_MS);
  closeSync(console);
  await once(qemu, "close");
  clearTimeout(patience);
  return readFileSync(file, "utf8");
}

/** Software emulation, so that it runs where there is no KVM. The guest speaks to QEMU's monitor by a serial port. */
function machine({ programs, rounds, share, directory }: Boot): readonly string[] {
  const main = `/workspace/${GUEST}/vm/guest/main.js`;
  const file = (name: string): string => join(IMAGE, name);
  const monitor = join(directory, "monitor");
  return [
    "-M q35 -accel tcg,thread=multi,tb-size=512 -cpu max -m 1024 -smp 2".split(" "),
    "-nodefaults -no-user-config -no-reboot -display none -serial stdio".split(" "),
    ["-kernel", file("vmlinuz"), "-initrd", file("initrd")],
    ["-append", `${COMMAND_LINE} vm.rounds=${rounds} vm.main=${main} vm.programs=${programs.join(",")}`],
    ["-drive", `file=${file("root.img")},if=none,id=root,format=raw,readonly=on,cache=unsafe`],
    ["-device", "virtio-blk-pci,drive=root"],
    sharing("workspace", ROOT, ",readonly=on"),
    sharing("share", share),
    ["-chardev", `socket,id=monitor,path=${monitor},server=on,wait=off`, "-mon", "chardev=monitor,mode=control"],
    ["-chardev", `socket,id=guest,path=${monitor}`],
    ["-device", "virtio-serial-pci", "-device", "virtserialport,chardev=guest,name=qmp"],
    ["-device", "qemu-xhci,id=xhci,p2=8,p3=8", "-device", "virtio-scsi-pci,id=scsi"],
  ].flat();
}

function sharing(tag: string, path: string, more = ""): readonly string[] {
  const fsdev = `local,id=${tag},path=${path},security_model=none${more}`;
  return ["-fsdev", fsdev, "-device", `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`];
}
