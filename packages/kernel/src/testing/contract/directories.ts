import { describe, expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";
import type { SocketDirectory } from "../../directory.js";
import { bytes, need, range, readAll, until } from "./tools.js";
import type { Step, TestDirectory, World } from "./world.js";

/** The promises of `SocketDirectory`. */
export function directoryCases(world: () => World): void {
  test("it lists the sockets named *.sock, with the inodes of their files, and nothing else", async (context) => {
    const { directory, place } = await open(context, world());
    const one = await place.bind("one.sock");
    const two = await place.bind("two.sock");
    await place.odd("file.sock", "file");
    await place.odd("directory.sock", "directory");
    await place.symlink("link.sock", "one.sock");
    await place.bind("other");
    const { entries, more } = directory.list(64);
    expect([...entries].sort(byName)).toMatchObject([
      { name: "one.sock", inode: one.inode },
      { name: "two.sock", inode: two.inode },
    ]);
    expect([more, directory.path]).toEqual([false, place.path]);
  });

  test("it lists at most as many as asked for, and says that there are more", async (context) => {
    const { directory, place } = await open(context, world());
    for (const n of range(0, 5)) await place.bind(`${n}.sock`);
    for (const [limit, more] of [
      [4, true],
      [5, false],
      [6, false],
    ] as const) {
      const list = directory.list(limit);
      expect([list.entries.length, list.more]).toEqual([Math.min(limit, 5), more]);
    }
  });

  test("a symlink leads nowhere", async (context) => {
    const { directory, place } = await open(context, world());
    const { inode } = await place.bind("one.sock");
    await place.symlink("link.sock", "one.sock");
    expect(directory.connect({ name: "link.sock", inode })).toBe("gone");
  });

  test.for(["../DIR/one.sock", "./one.sock", "/one.sock", "", ".", ".."])(
    "the name %j leads nowhere",
    async (name, context) => {
      const { directory, place } = await open(context, world());
      const { inode } = await place.bind("one.sock");
      const inner = place.path.slice(place.path.lastIndexOf("/") + 1);
      expect(directory.connect({ name: name.replace("DIR", inner), inode })).toBe("gone");
    },
  );

  test("an entry that was unlinked is gone", async (context) => {
    const { directory, place } = await open(context, world());
    const listener = await place.bind("one.sock");
    await listener.unlink();
    expect(directory.list(64).entries).toEqual([]);
    expect(directory.connect({ name: "one.sock", inode: listener.inode })).toBe("gone");
  });

  test("another inode under the same name is another listener", async (context) => {
    const { directory, place } = await open(context, world());
    const old = await place.bind("old.sock");
    const next = await place.bind("next.sock");
    await next.rename("old.sock");
    expect(directory.connect({ name: "old.sock", inode: old.inode })).toBe("gone");
    expect(typeof directory.connect({ name: "old.sock", inode: next.inode })).toBe("object");
  });

  test("a listener keeps its inode and the time of its birth when it is renamed", async (context) => {
    const { directory, place } = await open(context, world());
    const listener = await place.bind("first.sock");
    const { inode } = listener;
    const [{ born } = { born: undefined }] = directory.list(64).entries;
    await listener.rename("hidden");
    expect(directory.list(64).entries).toEqual([]);
    await listener.rename("one.sock");
    expect(directory.list(64).entries).toEqual([{ name: "one.sock", inode, born }]);
    expect(directory.connect({ name: "hidden", inode })).toBe("gone");
    expect(typeof directory.connect({ name: "one.sock", inode })).toBe("object");
  });

  test("the socket of a program that ended is listed, and gone", async (context) => {
    const { directory, place } = await open(context, world());
    const listener = await place.bind("one.sock");
    await listener.close();
    expect(directory.list(64).entries).toHaveLength(1);
    expect(directory.connect({ name: "one.sock", inode: listener.inode })).toBe("gone");
  });

  test("a socket that is not for datagrams is denied", async (context) => {
    const { directory, place } = await open(context, world());
    await place.odd("one.sock", "stream");
    const [entry] = directory.list(64).entries;
    expect(entry && directory.connect(entry)).toBe("denied");
  });

  test("each connection is a peer of its own", async (context) => {
    const { directory, place } = await open(context, world());
    const listener = await place.bind("one.sock");
    const peers = range(0, 2).map(() => directory.connect({ name: "one.sock", inode: listener.inode }));
    const [first, second] = peers.filter((peer) => typeof peer === "object");
    const sender = world().kernel.openSender();
    sender.stage(bytes("hello"), 0, 5);
    first?.close();
    if (second) sender.push(second);
    expect(sender.flush()).toEqual([]);
    expect(await readAll(listener)).toEqual(["hello"]);
    second?.close();
  });

  test.for(["bind", "rename", "unlink"] as const)("onChange() calls after %s", async (what, context) => {
    const { directory, place } = await open(context, world());
    const listener = await place.bind("one.sock");
    await world().settle();
    let calls = 0;
    directory.onChange(() => calls++);
    if (what === "bind") await place.bind("two.sock");
    if (what === "rename") await listener.rename("two.sock");
    if (what === "unlink") await listener.unlink();
    await until(() => calls > 0, "the change is told");
  });

  test("many changes at once are told in few calls, the last of them included", async (context) => {
    const { directory, place } = await open(context, world());
    const seen: number[] = [];
    directory.onChange(() => seen.push(directory.list(64).entries.length));
    for (const n of range(0, 40)) await place.bind(`${n}.sock`);
    await until(() => seen.at(-1) === 40, "the last change is told");
    expect(seen.length).toBeLessThan(40);
  });

  test("a closed directory tells nothing", async (context) => {
    const { directory, place } = await open(context, world());
    let calls = 0;
    directory.onChange(() => calls++);
    await place.bind("one.sock");
    directory.close();
    await place.bind("two.sock");
    await world().settle();
    expect(calls).toBe(0);
  });

  test("a closed directory lists nothing and leads nowhere; closing it twice is harmless", async (context) => {
    const { directory, place } = await open(context, world());
    const { inode } = await place.bind("one.sock");
    directory.close();
    directory.close();
    expect(directory.list(64)).toEqual({ entries: [], more: false });
    expect(directory.connect({ name: "one.sock", inode })).toBe("gone");
    const again = world().kernel.openDirectory(place.path, place);
    directory.close();
    expect(() => world().kernel.openDirectory(place.path, place)).toThrow(); // it is still the other's
    again.close();
  });

  test("a directory belongs to one at a time", async (context) => {
    const { directory, place } = await open(context, world());
    const again = (): SocketDirectory => world().kernel.openDirectory(place.path, place);
    expect(again).toThrow(expect.objectContaining({ code: "PATH_UNUSABLE" }));
    directory.close();
    again().close();
  });

  test("what is no directory is refused", async (context) => {
    const place = need(context, world().directory);
    await place.make();
    await place.odd("file", "file");
    const open = (): SocketDirectory => world().kernel.openDirectory(`${place.path}/file`, place);
    expect(open).toThrow(expect.objectContaining({ code: "PATH_UNUSABLE" }));
  });

  describe("close()", () => {
    test("removes a directory that it made, if it is empty", async (context) => {
      const place = need(context, world().directory);
      const directory = world().kernel.openDirectory(place.path, place);
      expect(await place.exists()).toBe(true);
      directory.close();
      expect(await place.exists()).toBe(false);
    });

    test("leaves a directory that it made if somebody is in it", async (context) => {
      const place = need(context, world().directory);
      const directory = world().kernel.openDirectory(place.path, place);
      await place.bind("one.sock");
      directory.close();
      expect(await place.exists()).toBe(true);
    });

    test("leaves a directory that was there before", async (context) => {
      const { directory, place } = await open(context, world());
      directory.close();
      expect(await place.exists()).toBe(true);
    });
  });

  describe("holding the process", () => {
    const table: [boolean, Exclude<Step, "resume" | "pause">[]][] = [
      [true, ["open"]],
      [false, ["open", "unref"]],
      [true, ["open", "unref", "ref"]],
      [false, ["open", "close"]],
    ];
    test.for(table)("%s after %j", async ([holds, steps], context) => {
      expect(await need(context, world().holds).afterDirectory(steps)).toBe(holds);
    });
  });
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** A directory that was there before, opened. */
async function open(
  context: TestContext,
  world: World,
): Promise<{ readonly directory: SocketDirectory; readonly place: TestDirectory }> {
  const place = need(context, world.directory);
  await place.make();
  const directory = world.kernel.openDirectory(place.path, place);
  onTestFinished(() => directory.close());
  return { directory, place };
}
