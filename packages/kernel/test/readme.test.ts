import { readFileSync } from "node:fs";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { expect, test } from "vitest";

test("the example of the README does what it says", async () => {
  const fake = new FakeKernel();
  const heard: string[] = [];
  const source = fake.openSource({
    group: "kernel",
    onBatch: ({ slab, count, starts, ends }) => {
      for (let i = 0; i < count; i++) heard.push(new TextDecoder().decode(slab.subarray(starts[i], ends[i])));
    },
  });
  source.resume();

  const disk = "/devices/virtual/block/loop7";
  fake.plug(disk, { subsystem: "block", properties: { DEVNAME: "loop7", DEVTYPE: "disk" } });
  fake.change(disk, { extras: { DISK_MEDIA_CHANGE: "1" } });
  fake.unplug(disk);
  await fake.idle();
  source.close();

  expect(heard.map((datagram) => datagram.split("@")[0])).toEqual(["add", "change", "remove"]);
});

test("the README's examples are those that run", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const files = ["readme.test.ts", "contract.test.ts"].map((name) =>
    readFileSync(new URL(name, import.meta.url), "utf8"),
  );
  const running = files.join("\n").replaceAll(/^ {2}/gm, "");
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? "");
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) expect(running).toContain(example.trim());
});
