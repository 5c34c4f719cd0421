import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { AGENT, agent, Running, startAgent, until } from "./program.js";
import { Sender, uevent } from "./sender.js";

/** Reads events slowly and shows for each how many texts it has, and its first. */
const READER = `
import sys, time
texts, count = [], 0
for text in iter(lambda: sys.stdin.buffer.read(1), b""):
    texts.append(text)
    if texts[-2:] == [b"\\0", b"\\0"]:
        event = b"".join(texts[:-2]).split(b"\\0")
        print(len(event), event[0].decode(), flush=True)
        texts = []
`;

describe("pipe", needs("debian package python3"), () => {
  let sender: Sender;
  let directory: ReturnType<typeof temporaryDirectory>;
  let running: Running[];
  beforeAll(() => void (sender = new Sender()));
  afterAll(() => sender[Symbol.asyncDispose]());
  beforeEach(() => {
    directory = temporaryDirectory();
    running = [];
  });
  afterEach(async () => {
    for (const each of running) await each[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  const socket = (): string => join(directory.path, "agent.sock");
  const options = (): readonly string[] => ["--dir", directory.path];

  async function listens(started: Running): Promise<Running> {
    running.push(started);
    await until(() => existsSync(socket()) || started.hasEnded, "it listens");
    return started;
  }

  const events = Array.from({ length: 1000 }, (_, i) => uevent("change", `/devices/${i}`, { A: "x".repeat(i) }));

  test("gives a program each event, in order and with all its texts", async () => {
    const started = await listens(startAgent("pipe", ...options(), "python3", "-c", READER));
    await sender.send(socket(), ...events);
    await until(() => started.lines.length === events.length, "all are read");
    expect(started.lines).toEqual(events.map((_, i) => `5 change@/devices/${i}`));
  });

  test("writes to stdout just what came, and a NUL behind it", async () => {
    const started = await listens(startAgent("pipe", ...options()));
    let text = "";
    started.process.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    await sender.send(socket(), uevent("add", "/a", { LD_PRELOAD: "as it is" }), "no event", uevent("remove", "/a"));
    const expected = `${uevent("add", "/a", { LD_PRELOAD: "as it is" })}\0${uevent("remove", "/a")}\0`;
    await until(() => text.length >= expected.length, "both have come");
    expect(text).toBe(expected);
    await until(() => started.stderr.includes("an event is left out, number 1: "), "it is said");
  });

  test("waits for who does not read, and loses nothing", async () => {
    const go = join(directory.path, "go");
    const script = `while [ ! -e ${go} ]; do sleep 0.05; done; exec python3 -c "$0"`;
    const started = await listens(startAgent("pipe", ...options(), "sh", "-c", script, READER));
    let isSent = false;
    const sending = sender.send(socket(), ...events).then((answers) => {
      isSent = true;
      return answers;
    });
    await sleep(1000);
    expect(isSent).toBe(false);
    writeFileSync(go, "");
    expect(new Set(await sending)).toEqual(new Set(["sent"]));
    await until(() => started.lines.length === events.length, "all are read");
  });

  test.each([
    ["exit 7", 7],
    ["kill -15 $$", 143],
    ["exit 0", 0],
  ])("has the status of a program that ends: %s", async (script, status) => {
    const started = await listens(startAgent("pipe", ...options(), "sh", "-c", script));
    await until(() => started.hasEnded, "it ends");
    expect(started.process.exitCode).toBe(status);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  test("has the status of a program that does not read any more", async () => {
    const started = await listens(startAgent("pipe", ...options(), "sh", "-c", "exec <&-; sleep 1; exit 9"));
    await until(() => !existsSync(socket()), "it does not listen any more");
    await until(() => started.hasEnded, "it ends");
    expect(started.process.exitCode).toBe(9);
  });

  test("finds nothing in a directory of PATH that may not be searched, as a shell", () => {
    using closed = temporaryDirectory();
    chmodSync(closed.path, 0);
    const env = { PATH: `${closed.path}:/usr/bin` };
    const { status } = spawnSync(AGENT, ["pipe", ...options(), "uevent-bridge-nonexistent"], { env });
    chmodSync(closed.path, 0o700);
    expect(status).toBe(127);
  });

  test("says of a program that is not there what a shell would", () => {
    expect(agent("pipe", ...options(), "uevent-bridge-nonexistent").status).toBe(127);
    expect(agent("pipe", ...options(), "/etc/passwd").status).toBe(126);
  });

  test("ends with its reader", async () => {
    const started = await listens(
      new Running("sh", ["-c", '"$0" pipe --dir "$1"; echo $? >&2', AGENT, directory.path]),
    );
    started.process.stdout?.destroy();
    await until(() => started.hasEnded && started.stderr !== "", "it ends, and how is said");
    expect(started.stderr).toBe("0\n");
    expect(readdirSync(directory.path)).toEqual([]);
  });

  test.each([[[]], [["sleep", "1000"]]])("ends by SIGTERM, and takes its socket away: %j", async (program) => {
    const started = await listens(startAgent("pipe", ...options(), ...program));
    started.process.kill("SIGTERM");
    await until(() => started.hasEnded, "it ends");
    expect({ status: started.process.exitCode, stderr: started.stderr }).toEqual({ status: 0, stderr: "" });
    expect(readdirSync(directory.path)).toEqual([]);
  });
});
