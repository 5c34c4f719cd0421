import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, readlinkSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { Holder, IDLE_FILES } from "./holder.js";
import { agent, startAgent, startPython, until } from "./program.js";

/** Connects to a holder and sends it a message with two descriptors that are none of seccomp's; says what is answered. */
const SEND_FILES = `
import os, socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
socket.send_fds(connection, [b"{}"], [os.open("/dev/null", os.O_RDONLY), connection.fileno()])
connection.shutdown(socket.SHUT_WR)
print(list(connection.recv(10)))
`;

describe("the socket of a holder", needs("user namespaces"), () => {
  test("is its user's alone, and gone when it is asked to end", async () => {
    await using holder = await Holder.start();
    expect(lstatSync(holder.path).mode & 0o777).toBe(0o600);
    holder.process.process.kill("SIGTERM");
    await until(() => holder.process.hasEnded, "it ends");
    expect(holder.process.process.exitCode).toBe(0);
    expect(existsSync(holder.path)).toBe(false);
  });

  test("is not taken from a holder that lives, whose pid is said", async () => {
    await using holder = await Holder.start();
    const second = agent("hold", holder.path);
    expect(second).toMatchObject({ status: 1, stdout: "" });
    expect(second.stderr).toContain(`pid ${holder.pid}`);
    expect(holder.exec("true").status).toBe(0);
  });

  test("takes the place of what a killed one left", async () => {
    await using killed = await Holder.start();
    killed.process.process.kill("SIGKILL");
    await until(() => killed.process.hasEnded, "it has ended");
    expect(existsSync(killed.path)).toBe(true);
    await using next = startAgent("hold", killed.path);
    await until(() => next.lines.includes("ready"), "the next one is ready");
  });

  test("takes the place of nothing else", () => {
    using directory = temporaryDirectory();
    const [file, link] = ["file", "link"].map((name) => join(directory.path, name)) as [string, string];
    writeFileSync(file, "mine");
    symlinkSync(file, link);
    for (const path of [file, link]) expect(agent("hold", path)).toMatchObject({ status: 1, stdout: "" });
    expect(readFileSync(link, "utf8")).toBe("mine");
  });

  test("is left alone when it is another's by then", async () => {
    await using holder = await Holder.start();
    renameSync(holder.path, `${holder.path}-away`);
    const other = createServer().listen(holder.path);
    await once(other, "listening");
    holder.process.process.kill("SIGTERM");
    await until(() => holder.process.hasEnded, "it ends");
    expect(existsSync(holder.path)).toBe(true);
    other.close();
  });

  test.each([
    ["a directory that there is not", "/nonexistent/holder", 1, "Make it"],
    ["a path that is too long", `/tmp/${"x".repeat(120)}`, 1, "107 bytes"],
  ])("cannot be at %s", (_what, path, status, remedy) => {
    const result = agent("hold", path);
    expect(result.status).toBe(status);
    expect(result.stderr).toContain(remedy);
  });
});

describe("a holder", needs("user namespaces"), () => {
  test("says that it is ready, and then leaves its parent's output and files", async () => {
    await using holder = await Holder.start();
    expect(holder.process.lines).toEqual(["ready"]);
    const files = holder.files().map((fd) => readlinkSync(`/proc/${holder.pid}/fd/${fd}`));
    const nothing = files.filter((file) => file.startsWith("pipe:"));
    expect(files.map((file) => file.replace(/:\[\d+\]$/, "")).toSorted()).toEqual([
      "anon_inode:[signalfd]",
      "pipe",
      "pipe",
      "pipe",
      "socket",
    ]);
    expect(new Set(nothing).size).toBe(1); // and so none of its parent's
  });

  test("has no capability and gains none", async () => {
    await using holder = await Holder.start();
    expect([holder.status("CapEff"), holder.status("CapPrm"), holder.status("NoNewPrivs")]).toEqual([
      "0".repeat(16),
      "0".repeat(16),
      "1",
    ]);
  });

  test("maps one id alone: who has one of its sockets can enter its user namespace", async () => {
    await using holder = await Holder.start();
    const maps = ["uid_map", "gid_map"].map((name) => readFileSync(`/proc/${holder.pid}/${name}`, "latin1"));
    const ids = [process.geteuid?.(), process.getegid?.()];
    expect(maps.map((map) => map.trim().split(/ +/))).toEqual(ids.map((id) => ["0", `${id}`, "1"]));
  });

  test("is traced by no root without capabilities, and has it read no files", needs("root"), async () => {
    await using holder = await Holder.start();
    const look = ["ls", `/proc/${holder.pid}/root/`];
    const bare = spawnSync("setpriv", ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", ...look]);
    expect([bare.status, bare.stderr.toString()]).toEqual([2, expect.stringContaining("Permission denied")]);
    expect(spawnSync("ls", look.slice(1)).status).toBe(0); // as the relay can
  });

  test("does not end with a terminal", async () => {
    await using holder = await Holder.start();
    for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGPIPE"] as const) holder.process.process.kill(signal);
    expect(holder.exec("true").status).toBe(0);
  });

  test("takes no more than 64 KiB of a connection, whatever is in it", async () => {
    await using holder = await Holder.start();
    const socket = connect(holder.path);
    const closed = new Promise((resolve) => socket.on("error", () => {}).on("close", resolve));
    socket.resume().write(Buffer.alloc(1 << 20, 0xff));
    await closed;
    expect(holder.exec("true").status).toBe(0);
  });

  test("keeps no descriptor but seccomp's, and says so", needs("debian package python3"), async () => {
    await using holder = await Holder.start();
    await using sender = startPython(SEND_FILES, holder.path);
    await until(() => sender.lines.length > 0, "it answers");
    expect(sender.lines).toEqual(["[0]"]);
    await until(() => holder.files().length === IDLE_FILES, "they are closed");
  });

  test("has 64 connections, and closes what is beyond", async () => {
    await using holder = await Holder.start();
    let closed = 0;
    const sockets: Socket[] = [];
    for (let i = 0; i < 70; i++)
      sockets.push(
        connect(holder.path)
          .on("close", () => closed++)
          .resume(),
      );
    await until(() => closed === 6, "six are closed");
    sockets[0]?.destroy();
    await until(() => closed === 7, "one has ended");
    expect(holder.exec("true").status).toBe(0);
    for (const socket of sockets) socket.destroy();
  });

  test("without descriptors left waits, neither busy nor dead", async () => {
    await using holder = await Holder.start("prlimit", "--nofile=12:12");
    const sockets = Array.from({ length: 20 }, () =>
      connect(holder.path)
        .on("error", () => {})
        .resume(),
    );
    await until(() => holder.files().length === 12, "it has none left");
    const before = holder.busyMs();
    await sleep(1000);
    expect(holder.busyMs() - before).toBeLessThan(200);
    for (const socket of sockets) socket.destroy();
    await until(() => holder.exec("true").status === 0, "it serves again");
  });
});
