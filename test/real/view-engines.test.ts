import { describe, expect, test, vi } from "vitest";

import { needs } from "../needs.js";
import { ENGINES } from "./view/engines.js";
import { ViewStage } from "./view/view-stage.js";

const CYCLES = Number(process.env["PLUG_CYCLES"] ?? 2); // in each container
const CYCLE_MS = 2000; // far more than one takes
/** What each way to open it says of a device that went: there is no node, and the right is gone. */
const GONE: Readonly<Record<string, RegExp>> = {
  node: /^ENOENT$/,
  own: /^EPERM$/,
  held: /^EPERM$/,
  devtmpfs: /^(EPERM|ENOENT)$/, // in the kernel's own nodes, if it can mount them: that of the device which has its name
};
vi.setConfig({ testTimeout: 60_000 + CYCLES * CYCLE_MS });

const MODES = ENGINES.flatMap((engine) => [
  { engine, isUser: true, title: `${engine.name}, with a user namespace` },
  { engine, isUser: false, title: `${engine.name}, without a user namespace` },
]);

describe(`through ${CYCLES} plug cycles a program that opens what it can, as fast as it can`, () => {
  for (const { engine, isUser, title } of MODES) {
    const needed = needs("root", "loop devices", "cgroups", "a compiler", ...engine.needs);
    test(`opens what it is told of and never anything else, in a container of ${title}`, needed, async () => {
      await using stage = await ViewStage.start(engine, isUser);
      await stage.opener.next(`add loop${stage.numbers.mine}`);
      for (let i = 0; i < CYCLES; i++) {
        const seen = await (i % 2 === 0 ? stage.plugPartition() : stage.plugDisk());
        expect([i, seen.added]).toEqual([i, "let in"]);
        for (const [way, said] of seen.removed)
          expect([i, way, said]).toEqual([i, way, expect.stringMatching(GONE[way] ?? "")]);
        expect([...seen.removed.keys()]).toEqual(Object.keys(GONE));
      }
      const tried = await stage.opener.report();
      expect(stage.wrong).toEqual([]);
      expect(stage.opener.disorder).toEqual([]);
      expect(tried.get("database")?.opened).toBe(isUser ? 1 : 0);
      for (const way of ["node", "held", ...(isUser ? [] : ["devtmpfs"])])
        expect([way, tried.get(way)?.opened]).not.toEqual([way, 0]);
      for (const way of ["own", "held", ...(isUser ? [] : ["devtmpfs"])])
        expect([way, tried.get(way)?.refused]).not.toEqual([way, 0]);
    });
  }
});
