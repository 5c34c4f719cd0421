import { describe, expect, test } from "vitest";

import { LOOP, Stage, open } from "./stage.js";

describe("a container's view of its devices", () => {
  test("begins with what runtimes put there, and the right to open it", () => {
    const stage = new Stage();
    expect([...stage.entries.keys()].toSorted()).toEqual(
      "console fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero".split(" "),
    );
    expect(stage.entries.get("null")).toEqual({
      kind: "node",
      type: "char",
      major: 1,
      minor: 3,
      mode: 0o666,
      uid: 100_000,
      gid: 100_000,
    });
    expect(stage.entries.get("console")).toMatchObject({ kind: "node", major: 1, minor: 3 }); // a terminal is opened for writing
    expect(stage.entries.get("shm")).toEqual({ kind: "directory", mode: 0o1777 });
    stage.done();
    stage.view.useRights(stage);
    expect(stage.done()).toContain("grant char 136:any rw");
    expect(stage.troubles).toEqual([]);
  });

  test("gives the right before the node, and takes it before the node", () => {
    const stage = open();
    stage.view.show("a", LOOP);
    stage.view.link("a", ["disk/by-id/a"]);
    expect(stage.done()).toEqual(["grant block 7:7 rw", "put loop7", "put disk/by-id/a"]);
    expect(stage.entries.get("disk/by-id/a")).toEqual({ kind: "link", target: "../../loop7" });
    stage.view.hide("a");
    expect(stage.done()).toEqual(["revoke block 7:7", "remove loop7", "remove disk/by-id/a"]);
    stage.view.hide("a");
    expect(stage.done()).toEqual([]);
  });

  test("does nothing for what stays as it is", () => {
    const stage = open();
    stage.view.show("a", LOOP);
    stage.view.link("a", ["x"]);
    stage.done();
    stage.view.show("a", { ...LOOP, number: { ...LOOP.number } });
    expect(stage.done()).toEqual([]);
  });

  test("follows other words, another name and another number", () => {
    const stage = open();
    stage.view.show("a", LOOP);
    stage.view.link("a", ["x"]);
    stage.done();
    stage.view.show("a", { ...LOOP, mode: 0o600, owner: { uid: 5, gid: 6 }, access: "r" });
    expect(stage.done()).toEqual(["grant block 7:7 r", "put loop7"]);
    expect(stage.entries.get("loop7")).toMatchObject({ mode: 0o600, uid: 100_005, gid: 100_006 });
    stage.view.show("a", { name: "deep/loop", number: { type: "block", major: 7, minor: 8 } });
    expect(stage.done()).toEqual(["grant block 7:8 rw", "put deep/loop", "revoke block 7:7", "remove loop7", "put x"]);
    expect(stage.entries.get("x")).toEqual({ kind: "link", target: "deep/loop" });
  });

  test("of two that want a name the first has it, and then the other; a number is open as long as one has it", () => {
    const stage = open();
    stage.view.show("a", LOOP);
    stage.view.show("b", { ...LOOP, mode: 0o600 });
    stage.view.link("a", ["x"]);
    stage.done();
    stage.view.link("b", ["x"]);
    expect(stage.done()).toEqual([]);
    stage.view.hide("a");
    expect(stage.done()).toEqual(["grant block 7:7 rw", "put loop7", "put x"]);
    expect(stage.entries.get("loop7")).toMatchObject({ mode: 0o600 });
  });

  test("leaves what every program expects to nobody", () => {
    const stage = open();
    stage.view.show("a", { name: "null", number: { type: "char", major: 9, minor: 9 } });
    stage.view.link("a", ["pts"]);
    expect(stage.entries.get("null")).toMatchObject({ major: 1, minor: 3 });
    stage.view.hide("a");
    expect(stage.entries.get("null")).toMatchObject({ major: 1, minor: 3 });
    expect(stage.entries.get("pts")).toEqual({ kind: "directory", mode: 0o755 });
  });

  test("goes on where one entry cannot be put, and says so", () => {
    const stage = open();
    stage.refuses = "loop7";
    stage.view.show("a", LOOP);
    stage.view.show("b", { name: "loop8", number: { type: "block", major: 7, minor: 8 } });
    expect(stage.troubles).toEqual([new Error("no loop7")]);
    expect(stage.entries.has("loop8")).toBe(true);
  });

  test("says who stands in the way of one that is granted", () => {
    const stage = open();
    stage.view.lookForRefusals(); // what all have is not refused
    stage.refuser = "the device program 7 of the cgroup /above";
    stage.view.show("a", LOOP);
    expect([stage.done(), stage.troubles]).toEqual([["grant block 7:7 rw", "put loop7"], []]);
    stage.view.lookForRefusals();
    stage.view.lookForRefusals();
    expect(stage.troubles).toMatchObject([
      {
        code: "NO_PRIVILEGE",
        message:
          "block 7:7 cannot be opened, although it is granted: the device program 7 of the cgroup /above refuses it",
      },
    ]);
  });

  test("gives its root what belongs to somebody whom it does not have, and says so", () => {
    const stage = open();
    stage.view.show("a", { ...LOOP, owner: { uid: 70_000, gid: 6 } });
    expect(stage.entries.get("loop7")).toMatchObject({ uid: 100_000, gid: 100_000 });
    expect(stage.troubles).toMatchObject([{ code: "ID_UNMAPPED", message: "no uid 70000" }]);
    const found = { host: { uid: 100_000, gid: 100_000 }, unmapped: { message: "no uid 70000" } };
    expect(stage.view.find("a")).toMatchObject(found);
  });

  test("has other owners once the container has started", () => {
    const stage = open();
    stage.view.show("a", LOOP);
    stage.base = 200_000;
    stage.view.renumber();
    expect(stage.entries.get("loop7")).toMatchObject({ uid: 200_000, gid: 200_000 });
    expect(stage.entries.get("zero")).toMatchObject({ uid: 200_000, gid: 200_000 });
  });

  test("takes its devices away when it is closed, and leaves the rest to who has it still", () => {
    const stage = open();
    stage.view.show("a", LOOP);
    stage.view.caughtUp();
    stage.done();
    stage.view.close();
    expect(stage.done()).toEqual(["revoke block 7:7", "remove loop7", "close", "close"]);
    expect(stage.entries.has("zero")).toBe(true);
  });

  test("what others granted goes when it is known what is granted, whenever it is known where", () => {
    const stage = new Stage();
    stage.view.show("a", LOOP);
    stage.view.caughtUp();
    stage.done();
    stage.view.useRights(stage);
    const done = stage.done();
    expect(done).toContain("grant block 7:7 rw");
    expect(done.filter((each) => each === "forget others")).toHaveLength(1);
    expect(done.at(-1)).toBe("forget others");
  });
});
