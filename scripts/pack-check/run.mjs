import { spawnSync } from "node:child_process";

/** What the program prints on stdout. @throws Error with all that it printed, if it failed */
export function run(file, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(file, args, { encoding: "utf8", timeout: 120_000, ...options });
  if (error) throw error;
  if (status !== 0) throw new Error(`${file} ${args.join(" ")}: status ${status}\n${stdout}${stderr}`);
  return stdout;
}
