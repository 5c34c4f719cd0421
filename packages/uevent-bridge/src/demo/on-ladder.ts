import type { Status } from "../command/error.js";
import type { Io } from "../command/io.js";
import { climb, describeStanding } from "./ladder.js";
import { demoInOwnNamespaces, mayHaveNamespaces } from "./own-namespaces.js";
import { runDemo, withDirectory } from "./run-demo.js";
import { loop } from "./rungs/loop.js";
import { recorded } from "./rungs/recorded.js";
import { veth } from "./rungs/veth.js";
import { zram } from "./rungs/zram.js";
import type { Rung } from "./stage.js";

const LADDER: readonly Rung[] = [loop, zram, veth, recorded];

/**
 * Shows the demo on the best rung that holds here. The third needs namespaces of its own, into which a process with
 * threads cannot go: there the whole demo is run once more.
 */
export function demoOnLadder(namespaced: boolean, io: Io): Promise<Status> {
  return withDirectory(async (directory) => {
    const standing = await climb(LADDER, io, directory);
    await using stage = standing.stage;
    if (standing.rung === recorded && !namespaced && (await mayHaveNamespaces())) return await demoInOwnNamespaces(io);
    await io.stdout.write(`${describeStanding(standing, LADDER.length)}\n`);
    return await runDemo(stage, io, directory);
  });
}
