import { EventEmitter, once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { BridgeError } from "@uevent-bridge/relay";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { answers } from "../../src/control/claim.js";
import { askRelay } from "../../src/control/client.js";
import { controlPath, makeControlDirectory } from "../../src/control/directory.js";
import { serveControl } from "../../src/control/server.js";
import type { Answer } from "../../src/control/server.js";
import { runtimeOf } from "../../src/runtime-directory.js";
import { leaveDeadSocket, leaveHeldSocket } from "../dead-socket.js";

const uid = process.geteuid?.() ?? 0;
const count: Answer = (request) =>
  Promise.resolve({ type: "triggered", count: request.type === "trigger" ? request.rules.length : -1 });

let directory: string;
let path: string;

beforeEach(async () => {
  directory = join(mkdtempSync(join(tmpdir(), "uevent-bridge-control-")), "run");
  await makeControlDirectory({ directory, uid });
  path = controlPath({ directory, uid }, "box");
});
afterEach(() => rmSync(join(directory, ".."), { recursive: true }));

const ask = (rules: readonly string[]): Promise<unknown> =>
  askRelay(path, "box", { type: "trigger", rules }, new AbortController().signal);

describe("a request", () => {
  test("is answered, and nothing is left when the relay ends", async () => {
    {
      await using _server = await serveControl(path, count);
      expect(await Promise.all([ask([]), ask(["a", "b"])])).toMatchObject([{ count: 0 }, { count: 2 }]);
    }
    expect(readdirSync(join(directory, ".control"))).toEqual([]);
    await expect(ask([])).rejects.toThrow("no relay serves box for this user");
  });

  test("that fails comes back as the error that the relay threw", async () => {
    const error = new BridgeError("CLOSED", "the relay is closed", { remedy: "Start it." });
    await using _server = await serveControl(path, () => Promise.reject(error));
    await expect(ask([])).rejects.toMatchObject({ code: "CLOSED", message: error.message, remedy: error.remedy });
  });

  test("is given up when its asker goes", async () => {
    const asker = new AbortController();
    const relay = new EventEmitter();
    await using _server = await serveControl(path, (_request, signal) => {
      signal.addEventListener("abort", () => relay.emit("gone"));
      asker.abort();
      return new Promise(() => {});
    });
    const gone = once(relay, "gone");
    await expect(askRelay(path, "box", { type: "trigger", rules: [] }, asker.signal)).rejects.toThrow();
    await gone;
  });

  test.each([
    ["no JSON", "trigger\n"],
    ["another type", '{"type":"stop"}\n'],
    ["rules that are no strings", '{"type":"trigger","rules":[1]}\n'],
    ["too many rules", `${JSON.stringify({ type: "trigger", rules: Array(257).fill("a") })}\n`],
    ["a time that no timer holds", '{"type":"wait","rule":"a","removed":false,"timeoutMs":1e99}\n'],
    ["a line without an end", "x".repeat(70_000)],
  ])("of %s gets no answer, and the next one is served", async (_name, bytes) => {
    await using _server = await serveControl(path, count);
    const socket = connect(path).on("error", () => {});
    const answer: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => answer.push(chunk)).write(bytes);
    await once(socket, "close");
    expect(answer).toEqual([]);
    expect(await ask(["a"])).toMatchObject({ count: 1 });
  });
});

describe("a name", () => {
  test("that a living relay serves is not taken from it", async () => {
    await using _server = await serveControl(path, count);
    await expect(serveControl(path, count)).rejects.toMatchObject({
      code: "NAME_TAKEN",
      message: `another relay (pid ${process.pid}) serves this name: ${path}`,
      remedy: `For another container choose another name. For the same one use grant and revoke with this name, or end that relay: kill ${process.pid}.`,
    });
    expect(await ask(["a"])).toMatchObject({ count: 1 });
  });

  test("of a relay that was killed is taken over", async () => {
    await leaveDeadSocket(path);
    await using _server = await serveControl(path, count);
    expect(await ask(["a"])).toMatchObject({ count: 1 });
  });

  test("of a relay that was killed is free once what it had started has ended", async () => {
    await leaveHeldSocket(path, 0.5);
    expect(await answers(path)).toBe(true);
    await using _server = await serveControl(path, count);
    expect(await ask(["a"])).toMatchObject({ count: 1 });
  });

  test("of a relay that was killed is cleared away when another one starts", async () => {
    await leaveDeadSocket(path);
    await using _other = await serveControl(controlPath({ directory, uid }, "other"), count);
    expect(readdirSync(join(directory, ".control"))).toEqual(["other.sock"]);
  });

  test("that a relay was about to take when it was killed is cleared away, and not one that may still be taken", async () => {
    const [old, young] = [".0123456789ab", ".ba9876543210"] as const;
    for (const name of [old, young]) await leaveDeadSocket(join(directory, ".control", name));
    utimesSync(join(directory, ".control", old), new Date(), new Date(Date.now() - 60_000));
    await using _other = await serveControl(controlPath({ directory, uid }, "other"), count);
    expect(readdirSync(join(directory, ".control"))).toEqual([young, "other.sock"]);
  });

  test("that many claim at once is served by one of them", async () => {
    await leaveDeadSocket(path);
    const claims = await Promise.allSettled(Array.from({ length: 8 }, () => serveControl(path, count)));
    const winners = claims.filter((claim) => claim.status === "fulfilled");
    expect(winners).toHaveLength(1);
    expect(await ask(["a"])).toMatchObject({ count: 1 });
    for (const { value } of winners) await value[Symbol.asyncDispose]();
    expect(readdirSync(join(directory, ".control"))).toEqual([]);
  });
});

describe("the directory", () => {
  test.each([
    ["of root", 0, undefined, "/run/uevent-bridge"],
    ["of a user", 7, "/run/user/7", "/run/user/7/uevent-bridge"],
    ["of a user without XDG_RUNTIME_DIR", 7, undefined, "/tmp/uevent-bridge-7"],
    ["of a user with a relative XDG_RUNTIME_DIR", 7, "run", "/tmp/uevent-bridge-7"],
  ])("%s", (_name, who, xdg, directory) => {
    expect(runtimeOf(who, xdg)).toEqual({ uid: who, directory });
  });

  test.each([
    ["is a symlink to one of ours", () => symlinkSync(tmpdir(), join(directory, "x")), "x", uid],
    [
      "may be written by others",
      () => (mkdirSync(join(directory, "x")), chmodSync(join(directory, "x"), 0o777)),
      "x",
      uid,
    ],
    ["belongs to somebody else", () => {}, "", uid + 1],
    ["cannot be made", () => {}, "no/such", uid],
  ])("that %s is refused", async (_name, prepare, below, who) => {
    prepare();
    await expect(makeControlDirectory({ directory: join(directory, below), uid: who })).rejects.toMatchObject({
      code: "PATH_UNUSABLE",
    });
  });

  test("whose path no socket can have is refused", () => {
    expect(() => controlPath({ directory: `/${"x".repeat(60)}`, uid }, "y".repeat(64))).toThrow("longer than");
  });
});
