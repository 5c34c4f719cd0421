import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { Cli, run } from "./cli.js";
import { needs } from "./needs.js";
import { readJson } from "./packages.js";
import { withLoops } from "./real/loops.js";

const NULL = "/devices/virtual/mem/null"; // every machine has it

describe("exit statuses and words", () => {
  test.each<[name: string, args: string[], status: number, stderr: RegExp]>([
    ["done", ["match", "--allow", NULL], 0, /^$/],
    [
      "the world is wrong: nothing matches",
      ["match", "--allow", "/devices/nothing"],
      1,
      /^uevent-bridge: no device .*\n {2}All that there is: .*\n$/,
    ],
    [
      "the world is wrong: no such process",
      ["attach", "x", "--pid", "4194303", "--allow", NULL],
      1,
      /^uevent-bridge: .*4194303.*\n {2}\S.*\n$/,
    ],
    [
      "the world is wrong: no netns",
      ["attach", "x", "--netns", "/etc/passwd", "--allow", NULL],
      1,
      /^uevent-bridge: \/etc\/passwd .*\n {2}\S.*\n$/,
    ],
    [
      "the world is wrong: no directory can be there",
      ["attach", "x", "--socket", "/proc/x", "--allow", NULL],
      1,
      /^uevent-bridge: .*\/proc\/x.*\n {2}\S.*\n$/,
    ],
    [
      "the words are wrong: a rule",
      ["match", "--allow", "subsytem=mem"],
      2,
      /^.*\n {2}subsytem=mem\n {2}\^{8}\n {2}.*subsystem.*\n$/,
    ],
    ["the words are wrong: a preset", ["match", "--allow", "preset=bas"], 2, /preset=base/],
    ["the words are wrong: an option", ["match", "--alow", NULL], 2, /Did you mean --allow\?\n$/],
    ["the words are wrong: a command", ["atach"], 2, /Did you mean attach\?\n$/],
    ["the words are wrong: a name", ["attach", "a/b", "--allow", NULL], 2, /no name for a container/],
  ])("%s", async (_name, args, status, stderr) => {
    const result = await run(...args);
    expect(result).toMatchObject({ status, stderr: expect.stringMatching(stderr) as string });
    expect(result.stderr).not.toMatch(/^ {4}at /m);
  });

  test("--version is the package's", async () => {
    const { version } = readJson("packages/uevent-bridge/package.json") as { version: string };
    expect(await run("--version")).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("doctor finds that this user may listen", async () => {
    const { stdout } = await run("doctor", "--json");
    const findings = stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(findings).toContainEqual(expect.objectContaining({ type: "finding", check: "events", level: "ok" }));
  });
});

describe("whoever reads the output", () => {
  test("may go: match ends silently", async () => {
    await using cli = new Cli(["match", "--allow", "/devices"]);
    cli.process.stdout?.destroy();
    expect(await cli.exit()).toBe(0);
    expect(cli.stderr).toBe("");
  });

  test("may go: monitor ends at the next event", needs("root", "loop devices"), async () => {
    using loops = withLoops(1);
    await using cli = new Cli(["monitor", "--json"]);
    await cli.until("stderr", "listening");
    cli.process.stdout?.destroy();
    const timer = setInterval(() => writeFileSync(`/sys${loops.devices[0]}/uevent`, "change"), 50);
    expect(await cli.exit()).toBe(0);
    clearInterval(timer);
    expect(cli.stderr).toMatch(/^uevent-bridge: listening.*\n$/);
  });

  test("gets no colour, as it is no terminal", async () => {
    expect((await run("match", "--allow", NULL)).stdout).not.toContain("\x1b");
  });
});

test("what could not be written is a failure, unless nobody reads", async () => {
  await using full = new Cli(["match", "--allow", "/devices"], { wrapper: ["sh", "-c", 'exec "$@" >/dev/full', "sh"] });
  expect(await full.exit()).toBe(1);
  expect(full.stderr).toMatch(/^uevent-bridge: the output could not be written: ENOSPC/m);
  await using closed = new Cli(["match", "--allow", "/devices"], {
    wrapper: ["sh", "-c", '"$@" | head -1; exit 0', "sh"],
  });
  await closed.exit();
  expect(closed.stderr).toBe("");
});
