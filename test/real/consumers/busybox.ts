import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Debian's dynamically linked busybox, which cannot be installed beside busybox-static: unpacks it. @throws Error it cannot be had */
export function unpackBusybox(directory: string): void {
  execFileSync("apt-get", ["download", "-qq", "-o", "APT::Sandbox::User=root", "busybox"], { cwd: directory });
  const archive = readdirSync(directory).find((name) => name.endsWith(".deb")) ?? "";
  execFileSync("dpkg-deb", ["-x", archive, "."], { cwd: directory });
  const libraries = execFileSync("ldd", [join(directory, "bin/busybox")], { encoding: "utf8" });
  if (!libraries.includes("libc.so")) throw new Error("busybox is no dynamic program");
}
