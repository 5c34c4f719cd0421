import { accessSync, constants, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { inCache } from "./paths.mjs";

function isWritable(directory) {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false; // HOME does not exist, is not ours, or root has been there with sudo
  }
}

function cacheDirectory() {
  const usual = process.env.npm_config_cache ?? join(homedir(), ".npm");
  const usable = isWritable(usual) && isWritable(join(usual, "_cacache"));
  return usable ? usual : inCache("npm");
}

/** A command that runs npm, the one that started us if there is one. */
export function npm(args, env = {}) {
  const { npm_execpath: started = "" } = process.env;
  const isNpm = basename(started) === "npm-cli.js"; // it is yarn's own if yarn started us
  const quiet = { npm_config_audit: "false", npm_config_fund: "false", npm_config_update_notifier: "false" };
  return {
    file: isNpm ? process.execPath : "npm",
    args: isNpm ? [started, ...args] : args,
    env: { npm_config_cache: cacheDirectory(), ...quiet, ...env },
  };
}
