import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 20_000;

/** Two loop devices that are there and that nobody uses; writing `change` to their uevent file makes a real event. */
function loopDevices() {
  const unused = readdirSync("/sys/block").filter(
    (name) => name.startsWith("loop") && !existsSync(`/sys/block/${name}/loop`),
  );
  if (unused.length < 2) throw new Error("this machine has no two unused loop devices: modprobe loop max_loop=8");
  return unused.map((name) => ({ name, devpath: `/devices/virtual/block/${name}` }));
}

const change = ({ name }) => writeFileSync(`/sys/block/${name}/uevent`, "change");

/** Runs the command while `work` does, which is given the lines that it prints; interrupted, it must end with 0. */
async function during(consumer, args, work) {
  const child = spawn(consumer.program, args, { ...consumer.options, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  const lines = [];
  createInterface(child.stdout).on("line", (line) => lines.push(line));
  createInterface(child.stderr).on("line", (line) => lines.push(line));
  try {
    await work(lines);
  } finally {
    child.kill("SIGINT");
  }
  const [status, signal] = await ended;
  if (status !== 0) throw new Error(`ended with ${status ?? signal}\n${lines.join("\n")}`);
}

async function until(lines, isIt, whatElse) {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(50)) {
    if (lines.some(isIt)) return;
    whatElse?.();
  }
  throw new Error(`it did not come; what came:\n${lines.join("\n")}`);
}

const changeOf =
  ({ devpath }) =>
  (line) =>
    line.includes(`"change"`) && line.includes(`"${devpath}"`);

export async function monitorHears(consumer) {
  const [one] = loopDevices();
  await during(consumer, ["monitor", "--json"], (lines) => until(lines, changeOf(one), () => change(one)));
}

export async function attachRelays(consumer) {
  const [shown, hidden] = loopDevices();
  const socket = join(consumer.options.cwd, "sockets");
  const args = ["attach", "pack-check", "--allow", shown.devpath, "--socket", socket, "--json"];
  await during(consumer, args, async (lines) => {
    await until(lines, changeOf(shown), () => {
      change(hidden);
      change(shown);
    });
    if (lines.some((line) => line.includes(hidden.devpath))) throw new Error(`it told ${hidden.devpath}`);
  });
}

export async function demoShows(consumer) {
  const printed = consumer.command("demo");
  if (!/left behind: 0 /.test(printed)) throw new Error(printed);
}
