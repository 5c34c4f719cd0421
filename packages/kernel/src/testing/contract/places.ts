import { expect, test } from "vitest";
import type { TestContext } from "vitest";
import type { PlaceInside } from "../../inside.js";
import { open, start } from "./targets.js";
import type { TestContainer, TestFolder, World } from "./world.js";

const AT = "/mnt"; // every Linux has one, and nothing is in it

/** The promises of `Target.placeInside`. */
export function placeCases(world: () => World): void {
  test.for([
    ["/dev/null", { type: "char", major: 1, minor: 3, opens: true }],
    ["/dev/nothing/at/all", "absent"],
    ["/", "no-node"],
  ] as const)("what a program finds at %s is said", async ([path, expected], context) => {
    const box = await start(context, world(), "own");
    const found = await open(world().kernel, { pid: box.pid }).nodeInside(path);
    if (typeof expected === "string") expect(found).toBe(expected);
    else expect(found).toMatchObject(expected);
  });

  test("what programs find of one that has ended, or of a network namespace, is not known", async (context) => {
    const box = await start(context, world(), "own");
    const target = open(world().kernel, { pid: box.pid });
    expect(await open(world().kernel, { netns: box.path }).nodeInside("/dev/null")).toBe("unknown");
    await box.end();
    expect(await target.nodeInside("/dev/null")).toBe("unknown");
  });

  /** What a container finds, and where it was mounted. */
  const mounted = async (
    context: TestContext,
    options: Parameters<TestContainer["mount"]>[0] = { at: AT },
  ): Promise<{ box: TestContainer; folder: TestFolder; look: (path?: string) => Promise<PlaceInside> }> => {
    const box = await start(context, world(), "own");
    const folder = await box.mount(options);
    const target = open(world().kernel, { pid: box.pid });
    return { box, folder, look: (path = options.at ?? folder.path) => target.placeInside(path) };
  };

  test("what is in a directory of a container is seen as its programs find it", async (context) => {
    const { box, folder, look } = await mounted(context);
    await folder.bind("open");
    await (await folder.bind("dead")).close();
    await folder.odd("stream", "stream");
    await folder.odd("file", "file");
    await folder.odd("directory", "directory");
    await folder.symlink("symlink", "open");
    const found = await look();
    expect(found).toMatchObject({ uid: box.root.uid, isReadOnly: false, isRemoved: false, isOurs: false, more: false });
    expect(kindsIn(found)).toEqual({
      open: "listener",
      dead: "dead",
      stream: "socket",
      file: "other",
      directory: "directory",
      symlink: "symlink",
    });
  });

  test("to look at a listener tells it nothing", async (context) => {
    const { folder, look } = await mounted(context);
    const listener = await folder.bind("open");
    await look();
    expect(await listener.read()).toBeUndefined();
  });

  test("a directory that is mounted read-only is known as such", async (context) => {
    const { look } = await mounted(context, { at: AT, readOnly: true });
    expect(await look()).toMatchObject({ isReadOnly: true, entries: [] });
  });

  test("the caller's own directory is known as such", async (context) => {
    const { look } = await mounted(context, {});
    expect(await look()).toMatchObject({ isOurs: true });
  });

  test("a directory that was removed is known as such", async (context) => {
    const { folder, look } = await mounted(context);
    await folder.remove();
    expect(await look()).toMatchObject({ isRemoved: true, entries: [] });
  });

  test("a path at which nothing is, and one of a file", async (context) => {
    const { folder, look } = await mounted(context);
    await folder.odd("file", "file");
    expect([await look(`${AT}/nothing`), await look(`${AT}/file`)]).toEqual(["absent", "no-directory"]);
  });

  test("of a network namespace without a process it is not known what is at a path", async (context) => {
    const box = await start(context, world(), "own");
    expect(await open(world().kernel, { netns: box.path }).placeInside("/")).toBe("unknown");
  });
}

function kindsIn(place: PlaceInside): Record<string, string> {
  return typeof place === "string" ? {} : Object.fromEntries(place.entries.map(({ name, kind }) => [name, kind]));
}
