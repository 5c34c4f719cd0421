import { expect, test } from "vitest";

import { FakeIo } from "../fake-io.js";
import { LOOP0, LOOP1, smallMachine } from "../machine.js";

test("devices come with their node and the rule that lets them in, in columns", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  expect(await io.run("match", "--allow", "/devices/virtual/block", "--allow", "subsystem=tty", "--deny", LOOP1)).toBe(
    0,
  );
  expect(io.stdout.text).toBe(
    [
      "/devices/virtual/block/loop0  /dev/loop0  /devices/virtual/block",
      "/devices/virtual/tty/tty1     /dev/tty1   subsystem=tty",
      "",
    ].join("\n"),
  );
});

test("what is covered because something above was picked says where", async () => {
  const kernel = smallMachine();
  kernel.plug(`${LOOP0}/loop0p1`, { subsystem: "block", properties: { DEVNAME: "loop0p1", DEVTYPE: "partition" } });
  using io = new FakeIo({ kernel });
  await io.run("match", "--allow", "devname=loop0");
  expect(io.stdout.text).toContain(`${LOOP0}/loop0p1  /dev/loop0p1  devname=loop0  (at ${LOOP0})`);
});

test("--json is one object for each device", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  await io.run("match", "--allow", "devname=loop0", "--json");
  expect(io.stdout.json()).toEqual([
    { type: "device", devpath: LOOP0, subsystem: "block", devname: "/dev/loop0", rule: "devname=loop0", picked: LOOP0 },
  ]);
});

test.each([
  ["a subsystem that is mistyped", "subsystem=blok", "No device has the subsystem blok. Did you mean block?"],
  ["one that is like none here", "subsystem=firewire", "No device has the subsystem firewire. There are: block, tty."],
  [
    "one of which there are devices",
    "subsystem=block,sysname=sd*",
    "All that there is: uevent-bridge match --allow /devices.",
  ],
  ["a pattern", "subsystem=x*", "All that there is: uevent-bridge match --allow /devices."],
  ["none", "usb=1:2", "All that there is: uevent-bridge match --allow /devices."],
])("a rule that lets nothing in says what to look at: %s", async (_name, rule, remedy) => {
  using io = new FakeIo({ kernel: smallMachine() });
  expect(await io.run("match", "--allow", rule)).toBe(1);
  expect(io.stderr.text).toBe(`uevent-bridge: no device of this machine is let in\n  ${remedy}\n`);
});

test("--show prints the rules of a preset", async () => {
  using io = new FakeIo();
  expect(await io.run("match", "--show", "preset=base")).toBe(0);
  expect(io.stdout.text).toMatch(/^subsystem=mem,.*\nsubsystem=tty,.*\n$/);
});

test("--show adds the words that stand beside a preset, and has JSON", async () => {
  using io = new FakeIo();
  expect(await io.run("match", "--show", "preset=base,mode=0600", "--json")).toBe(0);
  const rules = io.stdout.json() as { type: string; rule: string }[];
  expect(rules.length).toBe(2);
  for (const { type, rule } of rules) expect([type, rule.endsWith(",mode=0600")]).toEqual(["rule", true]);
});

test.each([
  ["a rule", LOOP0, /not a preset/],
  ["an unknown preset", "preset=bse", /base/],
])("--show of %s is refused", async (_name, rule, message) => {
  using io = new FakeIo();
  expect(await io.run("match", "--show", rule)).toBe(2);
  expect(io.stderr.text).toMatch(message);
});

test("a rule that needs udev where none runs is named", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  await io.run("match", "--allow", "tag=seat");
  expect(io.stderr.text).toMatch(/warning: .*tag=seat.*udev/);
});
