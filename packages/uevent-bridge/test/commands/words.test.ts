import { expect, test } from "vitest";

import { FakeIo } from "../fake-io.js";
import { LOOP0, smallMachine } from "../machine.js";

test.each<[name: string, args: string[], status: number, stderr: RegExp]>([
  ["no command", [], 2, /no command\n  Try uevent-bridge help/],
  ["a mistyped command", ["mach"], 2, /unknown command 'mach'\n  Did you mean match\?/],
  ["help on no command", ["help", "mach"], 2, /unknown command 'mach'\n  Try uevent-bridge help/],
  ["a mistyped option", ["match", "--alow", LOOP0], 2, /unknown option '--alow'\n  Did you mean --allow\?/],
  ["an option without its value", ["match", "--allow"], 2, /option '--allow <rule>' argument missing/],
  ["a missing name", ["attach", "--allow", LOOP0], 2, /missing required argument 'NAME'/],
  ["one argument too many", ["doctor", "now"], 2, /too many arguments/],
  ["a rule without its option", ["match", "subsystem=block"], 2, /subsystem=block\n.* --allow subsystem=block\.$/m],
  ["the same for attach", ["attach", "box", "subsystem=tty", "--allow", LOOP0], 2, /\n.* --allow subsystem=tty\.$/m],
  ["a node's name alone", ["match", "--allow", "sda"], 2, /\n.*Did you mean devname=sda\?/],
  ["nothing allowed", ["match", "--deny", LOOP0], 2, /no --allow: nothing would be seen/],
  ["a bad name", ["attach", "../box", "--allow", LOOP0], 2, /"\.\.\/box" is no name for a container/],
  ["a pid that is no number", ["attach", "box", "--pid", "x", "--allow", LOOP0], 2, /A pid is a whole number/],
  ["a pid and a netns", ["attach", "box", "--pid", "1", "--netns", "/x", "--allow", LOOP0], 2, /Give one of them/],
  ["--netlink both and no netns", ["attach", "box", "--netlink", "both", "--allow", LOOP0], 2, /needs a network name/],
  [
    "--netlink udev and neither netns nor sockets",
    ["attach", "box", "--netlink", "udev", "--socket", "off", "--allow", LOOP0],
    2,
    /needs a network name/,
  ],
  [
    "--netlink udef",
    ["attach", "box", "--netlink", "udef", "--allow", LOOP0],
    2,
    /It is auto, kernel, udev, both or off/,
  ],
  ["a time that is none", ["wait", "box", LOOP0, "--timeout", "soon"], 2, /A time is a number of seconds/],
  ["--json and --raw", ["listen", "--json", "--raw"], 2, /Give one of them/],
  ["--exec of nothing", ["listen", "--exec", ""], 2, /--exec is empty/],
  ["--exec and --json", ["listen", "--exec", "true", "--json"], 2, /Give one of them/],
  ["--exec of what is not there", ["listen", "--exec", "/no/such"], 1, /there is no program \/no\/such/],
  ["a pid that is not there", ["attach", "box", "--pid", "9", "--allow", LOOP0], 1, /there is no process 9/],
  ["a netns that is none", ["attach", "box", "--netns", "/x", "--allow", LOOP0], 1, /\/x is no network namespace/],
  ["a container that nobody attached", ["trigger", "box"], 1, /no relay serves box for this user/],
  ["a policy that picks nothing", ["match", "--allow", "/devices/nothing"], 1, /no device of this machine is let in/],
])("%s: one sentence and a remedy on stderr, nothing on stdout", async (_name, args, status, stderr) => {
  using io = new FakeIo({ kernel: smallMachine() });
  expect(await io.run(...args)).toBe(status);
  expect(io.stderr.text).toMatch(stderr);
  expect(io.stderr.text).not.toMatch(/^ +at /m);
  expect(io.stderr.text).toMatch(/^uevent-bridge: /);
  expect(io.stdout.text).toBe("");
});

test.each([
  ["match", "--allow", "subsytem=block"],
  ["attach", "box", "--allow", "subsytem=block"],
  ["attach", "box", "--allow", LOOP0, "--deny", "subsytem=block"],
  ["monitor", "subsytem=block"],
  ["trigger", "box", "subsytem=block"],
  ["wait", "box", "subsytem=block"],
  ["match", "--show", "subsytem=block"],
])("%s %s %s: a wrong rule is shown with a caret under the place", async (...args) => {
  using io = new FakeIo();
  expect(await io.run(...args)).toBe(2);
  const [message, rule, caret, remedy] = io.stderr.text.split("\n");
  expect(message).toMatch(/^uevent-bridge: /);
  expect([rule, caret]).toEqual(["  subsytem=block", "  ^^^^^^^^"]);
  expect(remedy).toContain("subsystem");
});

test("rules that contradict each other: the remedy is said once", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  expect(await io.run("attach", "box", "--allow", `${LOOP0},mode=0600`, "--allow", `${LOOP0},mode=0660`)).toBe(2);
  const [message, remedy] = io.stderr.text.split("\n");
  expect(message).toMatch(/^uevent-bridge: Two allow rules differ on mode= /);
  expect(message).not.toContain("Let one of them");
  expect(remedy).toBe("  Let one of them say mode=, or both the same.");
});

test("the caret stands under the place even after characters that are shown escaped", async () => {
  using io = new FakeIo();
  await io.run("match", "--allow", "devname=\x1b,subsytem=block");
  const [, rule = "", caret = ""] = io.stderr.text.split("\n");
  expect(rule).toBe("  devname=\\u001b,subsytem=block");
  expect(caret.indexOf("^")).toBe(rule.indexOf("subsytem"));
});

test.each([[["--help"]], [["help", "match"]], [["match", "--help"]], [["--version"]]])(
  "%s is said on stdout, with status 0",
  async (args) => {
    using io = new FakeIo();
    expect(await io.run(...args)).toBe(0);
    expect(io.stdout.text).not.toBe("");
    expect(io.stderr.text).toBe("");
  },
);
