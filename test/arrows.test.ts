import { describe, expect, test } from "vitest";
import { faultsOf } from "./arrows.js";
import { packageDirectories, readPackage } from "./packages.js";

test.each(packageDirectories())("%s knows only whom it may know", (directory) => {
  expect(faultsOf(readPackage(directory))).toEqual([]);
});

describe("the check finds", () => {
  const file = "packages/x/src/deep/file.ts";
  const table = [
    ["an arrow that points back", "@uevent-bridge/uevent", [], "@uevent-bridge/filter", /must not know .*filter/],
    [
      "the core that knows Linux",
      "@uevent-bridge/relay",
      ["@uevent-bridge/linux"],
      "@uevent-bridge/linux",
      /must not know/,
    ],
    ["a subpath of a forbidden package", "@uevent-bridge/linux", [], "@uevent-bridge/relay/x", /must not know/],
    ["Node in a pure package", "@uevent-bridge/filter", [], "node:fs", /pure package must not import node:fs/],
    ["Node in a pure package, by its old name", "@uevent-bridge/filter", [], "fs", /pure package must not import fs/],
    ["a dependency that is not declared", "@uevent-bridge/linux", [], "msgpackr/pack", /msgpackr is not among/],
    ["a path into another package", "@uevent-bridge/relay", [], "../../../filter/src/index.js", /leads out of src/],
    ["a package without arrows", "@uevent-bridge/none", [], "./a.js", /says nothing about @uevent-bridge\/none/],
  ] as const;

  test.each(table)("%s", (_, name, dependencies, specifier, fault) => {
    expect(faultsOf({ name, dependencies, imports: [{ file, specifier }] })).toContainEqual(
      expect.stringMatching(fault),
    );
  });

  test("a dependency against the arrows that nobody imports", () => {
    const subject = { name: "@uevent-bridge/kernel", dependencies: ["@uevent-bridge/linux"], imports: [] };
    expect(faultsOf(subject)).toEqual(["package.json: must not depend on @uevent-bridge/linux"]);
  });

  test("nothing wrong with imports that are right", () => {
    const specifiers = ["./a.js", "../b.js", "node:fs", "@uevent-bridge/kernel", "node-gyp-build"];
    const dependencies = ["@uevent-bridge/kernel", "node-gyp-build"];
    const imports = specifiers.map((specifier) => ({ file, specifier }));
    expect(faultsOf({ name: "@uevent-bridge/linux", dependencies, imports })).toEqual([]);
  });
});
