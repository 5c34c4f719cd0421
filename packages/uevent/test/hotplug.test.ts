import { describe, expect, it } from "vitest";

import { hotplugEnvironment } from "@uevent-bridge/uevent";

function environmentOf(...variables: [string, string][]) {
  return hotplugEnvironment({ subsystem: "block", env: new Map(variables) });
}

describe("the environment of a hotplug helper", () => {
  it("has the subsystem as argument, a fixed HOME and PATH, and the event's variables", () => {
    expect(environmentOf(["ACTION", "add"], ["DEVPATH", "/devices/loop0"], ["SEQNUM", "5"])).toEqual({
      args: ["block"],
      env: {
        HOME: "/",
        PATH: "/sbin:/bin:/usr/sbin:/usr/bin",
        ACTION: "add",
        DEVPATH: "/devices/loop0",
        SEQNUM: "5",
      },
      refused: [],
    });
  });

  it("is without SEQNUM where that is asked for", () => {
    const event = { subsystem: "block", env: new Map([["SEQNUM", "5"]]) };
    expect(hotplugEnvironment(event, { seqnum: false })).toMatchObject({ refused: [] });
    expect(hotplugEnvironment(event, { seqnum: false }).env).not.toHaveProperty("SEQNUM");
  });

  it.each(
    `LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT PATH HOME IFS ENV BASH_ENV SHELL SHELLOPTS BASHOPTS PS4 CDPATH PYTHONPATH
    PYTHONSTARTUP PERL5LIB PERL5OPT RUBYOPT NODE_OPTIONS GCONV_PATH LOCPATH LC_ALL LANG TMPDIR MALLOC_CHECK_ TZ
    NOTIFY_SOCKET LISTEN_FDS DYLD_INSERT_LIBRARIES GLIBC_TUNABLES GIT_SSH SSH_AUTH_SOCK JAVA_TOOL_OPTIONS`.split(/\s+/),
  )("never has %s from an event", (name) => {
    const { env, refused } = environmentOf([name, "/tmp/evil"]);
    expect(Object.values(env)).not.toContain("/tmp/evil");
    expect(refused).toEqual([name]);
  });

  it.each([
    ["small letters", "ld_preload"],
    ["a function for bash", "BASH_FUNC_ls%%"],
    ["a digit first", "1A"],
    ["an underscore first", "_"],
    ["a dot first, as udev's private ones", ".INPUT_CLASS"],
    ["none", ""],
    ["a newline", "A\nB"],
    ["65 letters", "A".repeat(65)],
    ["a property of every object", "__proto__"],
  ])("refuses a name: %s", (_, name) => {
    const { env, refused } = environmentOf([name, "x"]);
    expect(Object.keys(env)).toEqual(["HOME", "PATH"]);
    expect(refused).toEqual([name]);
  });

  it.each([
    ["longer than the kernel's", "x".repeat(2049)],
    ["a function for an old shell", "() { :; }; echo evil"],
    ["not UTF-8, which would not arrive whole", "a\udcff"],
    ["with a NUL", "a\0b"],
  ])("refuses a value: %s", (_, value) => {
    expect(environmentOf(["NAME", value]).refused).toEqual(["NAME"]);
  });

  it.each([
    ["64 letters", "A".repeat(64), "x"],
    ["empty", "X", ""],
    ["with blanks, quotes, = and newlines", "NAME", '"a b\'=$(reboot)\n"'],
    ["UTF-8", "NAME", "é🔌"],
    ["as long as the kernel's", "NAME", "x".repeat(2048)],
    ["names that only look reserved", "PATHS", "x"],
  ])("passes on: %s", (_, name, value) => {
    expect(environmentOf([name, value])).toMatchObject({ env: { [name]: value }, refused: [] });
  });
});
