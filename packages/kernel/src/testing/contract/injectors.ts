import { expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";
import type { Unsent } from "../../sender.js";
import type { Injector, Target, UeventGroup } from "../../target.js";
import { codeOf, open, start } from "./targets.js";
import { Ear, bytes, range, readSome, until } from "./tools.js";
import type { TestContainer, World } from "./world.js";

const EVENT = "change@/devices/test\0ACTION=change\0DEVPATH=/devices/test\0SUBSYSTEM=test\0";
const LIBUDEV = "libudev\0ACTION=change\0"; // nobody but readers looks into it
const SAFE = 2004; // bytes of payload that always fit
const SMALL = 4096; // bytes of receive buffer: three datagrams or so
const TOO_MANY = 50; // datagrams

interface WayIn {
  readonly box: TestContainer;
  readonly target: Target;
  readonly injector: Injector;
}

/** The promises of `Injector`. */
export function injectorCases(world: () => World): void {
  test("every reader hears the payload, with a SEQNUM of the kernel's at its end", async (context) => {
    const { box, injector } = await begin(context, world());
    const readers = [await box.reader(), await box.reader()];
    expect(inject(world(), injector, [EVENT])).toEqual([]);
    for (const reader of readers) {
      const [heard = ""] = await readSome(reader, 1);
      expect(heard.startsWith(EVENT)).toBe(true);
      expect(heard.slice(EVENT.length)).toMatch(/^SEQNUM=[1-9]\d*\0$/);
    }
  });

  test("events arrive in order, each once", async (context) => {
    const { box, injector } = await begin(context, world());
    const reader = await box.reader();
    const events = range(0, 40).map((n) => `${EVENT}N=${n}\0`);
    expect(inject(world(), injector, events)).toEqual([]);
    const heard = await readSome(reader, events.length);
    expect(heard.map((event) => event.replace(/SEQNUM=\d+\0$/, ""))).toEqual(events);
  });

  test("nobody outside hears them", async (context) => {
    const { injector } = await begin(context, world());
    const other = await start(context, world(), "own");
    const reader = await other.reader();
    const ear = new Ear(world().kernel);
    inject(world(), injector, [EVENT]);
    await world().settle();
    ear.source.drain();
    expect(ear.heard.filter(({ text }) => text.startsWith(EVENT))).toEqual([]);
    expect(await reader.read()).toBeUndefined();
  });

  test("a source there can tell them from the kernel's own", async (context) => {
    const { box, injector } = await begin(context, world());
    const ear = new Ear(open(world().kernel, { pid: box.pid }));
    inject(world(), injector, [EVENT]);
    ear.source.drain();
    const heard = ear.heard.find(({ text }) => text.startsWith(EVENT));
    expect(heard).toMatchObject({ portId: 0, groups: 1 });
    expect(heard?.pid).not.toBe(0);
  });

  test("they come from the container's root", async (context) => {
    const { box, injector } = await begin(context, world());
    const ear = new Ear(open(world().kernel, { pid: box.pid }));
    inject(world(), injector, [EVENT]);
    ear.source.drain();
    expect(ear.heard.find(({ text }) => text.startsWith(EVENT))?.uid).toBe(box.root.uid);
  });

  test(`${SAFE} bytes of payload are sent, 2048 are too long`, async (context) => {
    const { box, injector } = await begin(context, world());
    const reader = await box.reader();
    const [fits, long] = [pad(SAFE), pad(2048)];
    expect(inject(world(), injector, [fits, long]).map(({ outcome }) => outcome)).toEqual(["too-long"]);
    const [heard = ""] = await readSome(reader, 1);
    expect(heard.startsWith(fits)).toBe(true);
    expect(await reader.read()).toBeUndefined();
  });

  test("a reader is listed while it listens, by the inode of its socket", async (context) => {
    const { box, injector } = await begin(context, world());
    const inodes = (): number[] => injector.readers().map(({ inode }) => inode);
    const reader = await box.reader();
    expect(inodes()).toContain(reader.inode);
    await reader.close();
    await until(() => !inodes().includes(reader.inode), "it is listed no more");
  });

  test("the source that the caller opened on the target is no reader", async (context) => {
    const { target, injector } = await begin(context, world());
    const before = injector.readers().length;
    const ear = new Ear(target);
    expect(injector.readers()).toHaveLength(before);
    inject(world(), injector, [EVENT]);
    ear.source.drain();
    expect(ear.heard.some(({ text }) => text.startsWith(EVENT))).toBe(true);
  });

  test("what waits for a reader is said in rmem", async (context) => {
    const { box, injector } = await begin(context, world());
    const reader = await box.reader();
    const rmem = (): number | undefined => injector.readers().find(({ inode }) => inode === reader.inode)?.rmem;
    expect(rmem()).toBe(0);
    inject(world(), injector, [EVENT, EVENT]);
    expect(rmem()).toBeGreaterThan(2 * EVENT.length);
    await readSome(reader, 2);
    await until(() => rmem() === 0, "nothing waits");
  });

  test("what a full reader lost is said in drops, while sending says sent", async (context) => {
    const { box, injector } = await begin(context, world());
    const reader = await box.reader({ receiveBuffer: SMALL });
    const drops = (): number | undefined => injector.readers().find(({ inode }) => inode === reader.inode)?.drops;
    expect(drops()).toBe(0);
    expect(inject(world(), injector, Array<string>(TOO_MANY).fill(EVENT))).toEqual([]);
    const lost = drops() ?? 0;
    expect(lost).toBeGreaterThan(0);
    expect(await readSome(reader, TOO_MANY - lost)).toHaveLength(TOO_MANY - lost);
  });

  test("onceWritable() calls", async (context) => {
    const { injector } = await begin(context, world());
    await new Promise<void>((resolve) => injector.onceWritable(resolve));
  });
}

/** The promises of an injector that speaks to libudev's programs. */
export function groupCases(world: () => World): void {
  const groups = ["udev", "libudev-zero"] as const;

  test.for(groups)(
    "who listens to %s hears what is said there, as it is, and nobody else does",
    async (group, context) => {
      const { box, injector } = await begin(context, world(), group);
      const [reader, other] = [await box.reader({ group }), await box.reader()];
      const said = [LIBUDEV, `${LIBUDEV}SEQNUM=5\0`, LIBUDEV.padEnd(8192, "x")];
      expect(inject(world(), injector, said)).toEqual([]);
      expect(await readSome(reader, 3)).toEqual(said);
      expect(await other.read()).toBeUndefined();
      expect(injector.readers().map(({ inode }) => inode)).toEqual([reader.inode]);
    },
  );

  test.for(groups)(
    "%s: where nobody listens it is sent, and what is far too long is said to be",
    async (group, context) => {
      const { injector } = await begin(context, world(), group);
      const sent = inject(world(), injector, [LIBUDEV, LIBUDEV.padEnd(65_536, "x")]);
      expect(sent.map(({ outcome }) => outcome)).toEqual(["too-long"]);
    },
  );

  test("it comes from the container's root, and not from the kernel", async (context) => {
    const { box, target, injector } = await begin(context, world(), "udev");
    const ear = new Ear(target, "udev");
    inject(world(), injector, [LIBUDEV]);
    ear.source.drain();
    expect(ear.heard).toMatchObject([{ text: LIBUDEV, groups: 2, uid: box.root.uid }]);
    expect(ear.heard[0]?.portId).not.toBe(0);
  });

  test("programs that hear the host's kernel already may be spoken to; those of the caller's own netns may not", async (context) => {
    const box = await start(context, world(), "initial");
    const injector = open(world().kernel, { pid: box.pid }).openInjector("udev");
    onTestFinished(() => injector.close());
    const reader = await box.reader({ group: "udev" });
    expect(inject(world(), injector, [LIBUDEV])).toEqual([]);
    expect(await readSome(reader, 1)).toEqual([LIBUDEV]);
    const own = open(world().kernel, { pid: process.pid });
    expect(codeOf(() => own.openInjector("udev"))).toBe("TARGET_SHARES_HOST");
  });
}

/** A container and the way into it. */
async function begin(context: TestContext, world: World, group: UeventGroup = "kernel"): Promise<WayIn> {
  const box = await start(context, world, "own");
  const target = open(world.kernel, { pid: box.pid });
  const injector = target.openInjector(group);
  onTestFinished(() => injector.close());
  return { box, target, injector };
}

function inject(world: World, injector: Injector, payloads: readonly string[]): readonly Unsent[] {
  const sender = world.kernel.openSender();
  for (const payload of payloads) {
    sender.stage(bytes(payload), 0, payload.length);
    sender.push(injector);
  }
  return sender.flush();
}

/** The event, made `length` bytes long. */
function pad(length: number): string {
  return `${EVENT}${"X=".padEnd(length - EVENT.length - 1, "x")}\0`;
}
