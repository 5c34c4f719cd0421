import { expect, test } from "vitest";
import type { TestContext } from "vitest";
import type { DeviceTree } from "../../devices.js";
import { Ear, need, text } from "./tools.js";
import type { KnownDevices, World } from "./world.js";

const PATIENCE = 200; // ms for what never answers
const LONG = 10_000; // ms for what does, on a machine that is busy

/** The promises of `DeviceTree`. */
export function deviceCases(world: () => World): void {
  test("it enumerates parents before children, each once", async (context) => {
    const { tree } = known(context, world());
    const paths = (await tree.enumerate()).map(({ devpath }) => devpath);
    const place = new Map(paths.map((path, i) => [path, i]));
    const early = paths.filter((path, i) => ancestors(path).some((parent) => (place.get(parent) ?? -1) > i));
    expect(early).toEqual([]);
    expect(place.size).toBe(paths.length);
  });

  test("what it enumerates are devices: below /devices, of a subsystem, with lines of KEY=VALUE", async (context) => {
    const { tree, device } = known(context, world());
    const devices = await tree.enumerate();
    const odd = devices.filter(({ devpath, subsystem, incarnation, uevent }) => {
      return !/^\/devices\/./.test(devpath) || !tree.isSubsystem(subsystem) || !incarnation || !isPairs(text(uevent));
    });
    expect(odd).toEqual([]);
    expect(devices.map(({ devpath }) => devpath)).toContain(device.devpath);
  });

  test("reading one gives what enumerating gave", async (context) => {
    const { tree, device } = known(context, world());
    const found = (await tree.enumerate()).find(({ devpath }) => devpath === device.devpath);
    expect(tree.read(device.devpath)).toEqual(found);
    expect(found).toMatchObject({ devpath: device.devpath, subsystem: device.subsystem });
  });

  test("an incarnation lasts", (context) => {
    const { tree, device } = known(context, world());
    expect(tree.incarnation(device.devpath)).toBe(tree.read(device.devpath)?.incarnation);
    expect(tree.incarnation(device.devpath)).toBe(tree.incarnation(device.devpath));
  });

  test("a device that came back under its path has another incarnation", async (context) => {
    const { tree } = known(context, world());
    const plug = need(context, world().plug);
    const seen: (string | undefined)[] = [];
    for (const change of ["plug", "unplug", "plug"] as const) {
      await plug[change]();
      seen.push(tree.incarnation(plug.devpath));
    }
    const [first, between, second] = seen;
    expect(first).toBeDefined();
    expect(between).toBeUndefined();
    expect(second).toBeDefined();
    expect(second).not.toBe(first);
  });

  test("an unplugged device is read no more", async (context) => {
    const { tree } = known(context, world());
    const plug = need(context, world().plug);
    await plug.plug();
    expect(tree.read(plug.devpath)?.devpath).toBe(plug.devpath);
    await plug.unplug();
    expect(tree.read(plug.devpath)).toBeUndefined();
  });

  test("the kernel's add is the header and the uevent file, byte for byte", async (context) => {
    const { tree } = known(context, world());
    const plug = need(context, world().plug);
    const ear = new Ear(world().kernel);
    await plug.plug();
    const { devpath } = plug;
    const device = tree.read(devpath);
    ear.source.drain();
    const file = text(device?.uevent ?? new Uint8Array()).replaceAll("\n", "\0");
    const header = `add@${devpath}\0ACTION=add\0DEVPATH=${devpath}\0SUBSYSTEM=${device?.subsystem}\0`;
    const said = ear.heard.map(({ text }) => text.replace(/SEQNUM=\d+\0$/, ""));
    expect(said).toContain(header + file);
  });

  test("a class or a bus is a subsystem, other names are none", (context) => {
    const { tree, device } = known(context, world());
    const names = [device.subsystem, "queues", "no-such-subsystem", "", ".", "..", `../class/${device.subsystem}`];
    expect(names.filter((name) => tree.isSubsystem(name))).toEqual([device.subsystem]);
  });

  test("an attribute is read without the newline at its end", async (context) => {
    const { tree, device } = known(context, world());
    const value = await tree.attribute(device.devpath, device.attribute.name, LONG);
    expect(value && text(value)).toBe(device.attribute.value);
  });

  test("an attribute that is not there is undefined", async (context) => {
    const { tree, device } = known(context, world());
    expect(await tree.attribute(device.devpath, "no-such-attribute", LONG)).toBeUndefined();
    expect(await tree.attribute("/devices/no-such-device", device.attribute.name, LONG)).toBeUndefined();
  });

  test.for([
    "/devices",
    "/devices/",
    "/devices/virtual",
    "/class",
    "/no-such-place",
    "devices",
    "",
    "/",
    "PATH/",
    "PATH/.",
    "PATH/..",
    "PATH/../NAME",
    "PATH/subsystem",
    "//PATH",
    "/devices/../PATH",
    "PATH\0",
  ])("there is no device at %j", (shape, context) => {
    const { tree, device } = known(context, world());
    const name = device.devpath.slice(device.devpath.lastIndexOf("/") + 1);
    const devpath = shape.replace("PATH", () => device.devpath).replace("NAME", () => name);
    expect(tree.read(devpath)).toBeUndefined();
    expect(tree.incarnation(devpath)).toBeUndefined();
  });

  test.for([
    "",
    ".",
    "..",
    "../NAME/ATTRIBUTE",
    "./ATTRIBUTE",
    "/ATTRIBUTE",
    "subsystem/uevent",
    "subsystem",
    "ATTRIBUTE\0",
  ])("there is no attribute %j", async (shape, context) => {
    const { tree, device } = known(context, world());
    const name = device.devpath.slice(device.devpath.lastIndexOf("/") + 1);
    const attribute = shape.replace("NAME", () => name).replace("ATTRIBUTE", () => device.attribute.name);
    expect(await tree.attribute(device.devpath, attribute, LONG)).toBeUndefined();
  });

  test("udevd knows nothing of a device that is not there", (context) => {
    const { tree } = known(context, world());
    const device = { devpath: "/devices/none", subsystem: "none", uevent: new Uint8Array(), incarnation: "0" };
    expect(tree.udev(device)).toBeUndefined();
  });
}

/** What the driver of an attribute that never answers may cost. */
export function stuckCases(world: () => World): void {
  test("an attribute that does not answer is given up, and delays no other", async (context) => {
    const { tree, device } = known(context, world());
    const stuck = need(context, device.stuck);
    const begin = Date.now();
    let gaveUp = false;
    const slow = tree.attribute(stuck.devpath, stuck.name, PATIENCE).finally(() => (gaveUp = true));
    expect(await tree.attribute(device.devpath, device.attribute.name, PATIENCE)).toBeDefined();
    expect(gaveUp).toBe(false);
    expect(await slow).toBeUndefined();
    const waited = Date.now() - begin;
    expect(waited).toBeGreaterThanOrEqual(PATIENCE - 5); // timers may be early by a little
    expect(waited).toBeLessThan(PATIENCE + 1000);
  });
}

/** What udevd knows. */
export function udevCases(world: () => World): void {
  test("what udevd knows of a device is said", (context) => {
    const { tree, device } = known(context, world());
    const { devpath, links } = need(context, device.udev);
    const found = tree.read(devpath);
    const record = found && tree.udev(found);
    expect([...(record?.links ?? [])].sort()).toEqual([...links].sort());
  });
}

function known(context: TestContext, world: World): { readonly tree: DeviceTree; readonly device: KnownDevices } {
  return { tree: world.kernel.devices, device: need(context, world.devices) };
}

function ancestors(devpath: string): string[] {
  const segments = devpath.split("/");
  return segments.map((_, i) => segments.slice(0, i).join("/"));
}

function isPairs(uevent: string): boolean {
  return uevent === "" || (uevent.endsWith("\n") && /^[^=\n]+=/.test(uevent));
}
