import { execFileSync } from "node:child_process";

/** Runs `ip` in the network namespace of a process, as the host's root. @throws Error it failed */
export function ip(pid: number, ...args: readonly string[]): string {
  return execFileSync("nsenter", ["--target", `${pid}`, "--net", "ip", ...args], { encoding: "utf8" });
}

export function hasLink(pid: number, name: string): boolean {
  return ip(pid, "-oneline", "link").includes(`: ${name}@`);
}
