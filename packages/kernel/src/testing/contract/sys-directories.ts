import { expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";
import type { SysDirectory } from "../../sys-directory.js";
import { codeOf } from "./targets.js";
import { need } from "./tools.js";
import type { TestSys, World } from "./world.js";

/** The promises of `SysDirectory`. */
export function sysDirectoryCases(world: () => World): void {
  test("a device is found with what is below it, and a link leads to what was shown itself", async (context) => {
    const { sys, directory, whole, first, second } = opened(context, world());
    expect(await sys.finds(directory)).toEqual([]);
    directory.show(whole);
    expect(await sys.finds(directory)).toEqual([whole, first, second]);
    directory.show(first);
    expect(await sys.links(directory)).toEqual([whole, first]);
    directory.hide(whole, first);
    expect([await sys.finds(directory), await sys.links(directory)]).toEqual([[], []]);
  });

  test("what is hidden below a device is not found, from the beginning or later, until it is shown", async (context) => {
    const { sys, directory, whole, first, second } = opened(context, world());
    directory.show(whole, [second]);
    expect(await sys.finds(directory)).toEqual([whole, first]);
    directory.hide(first);
    directory.show(whole);
    expect(await sys.finds(directory)).toEqual([whole]);
    directory.show(second);
    expect(await sys.finds(directory)).toEqual([whole, second]);
    directory.hide(whole);
    expect(await sys.finds(directory)).toEqual([second]);
  });

  test("a device below one that is not shown is alone there", async (context) => {
    const { sys, directory, whole, first } = opened(context, world());
    directory.show(first);
    expect([await sys.finds(directory), await sys.links(directory)]).toEqual([[first], [first]]);
    directory.hide(whole); // which was not shown
    expect(await sys.finds(directory)).toEqual([first]);
  });

  test("an attribute of a shown device can be written where it is said, until the device is hidden", async (context) => {
    const { sys, directory, whole, first } = opened(context, world());
    directory.writable(whole, sys.attribute); // before it is shown
    directory.show(whole);
    expect(await sys.mayWrite(directory, whole)).toBe(false);
    directory.writable(whole, sys.attribute);
    directory.writable(whole, "no_such");
    directory.writable(first, sys.attribute);
    expect([await sys.mayWrite(directory, whole), await sys.mayWrite(directory, first)]).toEqual([true, false]);
    directory.hide(first);
    expect(await sys.mayWrite(directory, whole)).toBe(true);
    directory.hide(whole);
    directory.show(whole);
    expect(await sys.mayWrite(directory, whole)).toBe(false);
  });

  test.for(["", "/", ".", "..", "../uevent", "a/../uevent", "a//b", "./uevent"])(
    "%j is no name of an attribute",
    (name, context) => {
      const { directory, whole } = opened(context, world());
      directory.show(whole);
      expect(codeOf(() => directory.writable(whole, name))).toBe("PATH_UNUSABLE");
    },
  );

  test.for(["", "/", "/devices", "/devices/", "/devices/../block", "/devices//virtual", "/class/block", "devices/a"])(
    "%j is no path of a device",
    async (devpath, context) => {
      const { sys, directory, whole } = opened(context, world());
      const calls = [
        () => directory.show(devpath),
        () => directory.show(whole, [devpath]),
        () => directory.hide(devpath),
        () => directory.writable(devpath, sys.attribute),
      ];
      expect(calls.map(codeOf)).toEqual(calls.map(() => "PATH_UNUSABLE"));
      expect(await sys.finds(directory)).toEqual([]);
    },
  );

  test("a device that is not there is not shown", async (context) => {
    const { sys, directory } = opened(context, world());
    directory.show("/devices/virtual/no-such");
    directory.hide("/devices/virtual/no-such");
    expect([await sys.finds(directory), await sys.links(directory)]).toEqual([[], []]);
  });

  test("what a killed relay left stays until it is known what is to be there", async (context) => {
    const sys = need(context, world().sys);
    const [whole, first, second, other] = sys.devices;
    await sys.leave([whole, other]);
    const { directory } = opened(context, world());
    expect(await sys.finds(directory)).toEqual([whole, first, second, other]);
    directory.show(whole, [second]);
    expect(await sys.finds(directory)).toEqual([whole, first, other]);
    directory.forgetOthers();
    expect([await sys.finds(directory), await sys.links(directory)]).toEqual([[whole, first], [whole]]);
  });

  test("it belongs to one at a time, and nothing is left of it when it is closed", async (context) => {
    const { sys, directory, whole, open } = opened(context, world());
    expect(codeOf(() => world().kernel.openSysDirectory(sys.path, sys))).toBe("PATH_UNUSABLE");
    directory.show(whole);
    directory.close();
    expect(await sys.exists()).toBe(false);
    const next = open();
    directory.close(); // once more: it is the other's
    expect(await sys.finds(next)).toEqual([]);
  });

  test("it stays, with what is in it, while a container has it", async (context) => {
    const { sys, directory, whole, first, second, open } = opened(context, world());
    directory.show(whole);
    await sys.bind(directory);
    directory.close();
    expect([await sys.exists(), await sys.finds(directory)]).toEqual([true, [whole, first, second]]);
    const next = open();
    expect(next.path).toBe(directory.path);
    next.show(first);
    next.forgetOthers();
    expect(await sys.finds(directory)).toEqual([first]);
  });
}

interface Opened {
  readonly sys: TestSys;
  readonly directory: SysDirectory;
  readonly whole: string;
  readonly first: string;
  readonly second: string;
  /** Opens it again. */
  readonly open: () => SysDirectory;
}

function opened(context: TestContext, { kernel, sys: ability }: World): Opened {
  const sys = need(context, ability);
  const open = (): SysDirectory => {
    const directory = kernel.openSysDirectory(sys.path, sys);
    onTestFinished(() => directory.close());
    return directory;
  };
  const [whole, first, second] = sys.devices;
  return { sys, directory: open(), whole, first, second, open };
}
