import { describe, expect, test, vi } from "vitest";

import { needs } from "../needs.js";
import { randomFrom } from "./churn/random.js";
import { KillStage } from "./view/kill-stage.js";

const KILLS = Number(process.env["KILLS"] ?? 1); // of the relay of each container, at random moments
const KILL_CHANGES = Number(process.env["KILL_CHANGES"] ?? 2); // of so many of its changes; Infinity: of each
const SEED = Number(process.env["KILLS_SEED"] ?? Date.now() % 1_000_000); // in the name: a run that failed can be repeated
const CHANGES_MIN = 100;

const needed = needs("root", "loop devices", "cgroups", "a compiler", "debian package strace", "unix-dgram");

describe.each([
  ["with a user namespace", true],
  ["without a user namespace", false],
])("a container %s", needed, (_, isUser) => {
  vi.setConfig({ testTimeout: 60_000 + 10_000 * KILLS });
  test(`whose relay is killed ${KILLS} times (seed ${SEED}) has after each start what the policy says, and the host is as it was when the last one has ended`, async () => {
    const random = randomFrom(SEED);
    await using stage = await KillStage.start(isUser);
    const before = stage.look();
    for (let i = 0; i < KILLS; i++) {
      await stage.plugSome(random);
      await stage.runAndKill(random);
      await stage.plugSome(random);
      await stage.startRelay();
      await stage.expectPolicy(`after kill ${i}`);
      if (random() < 0.5) await stage.endRelay();
      else await stage.killRelay();
    }
    await stage.startRelay();
    await stage.endRelay();
    expect(stage.look()).toEqual(before);
  });

  test(
    `whose relay is killed instead of ${KILL_CHANGES} of its changes (seed ${SEED}) has after the next start what the policy says, and the host is as it was when that one has ended`,
    async () => {
      const random = randomFrom(SEED);
      await using stage = await KillStage.start(isUser);
      const before = stage.look();
      const { length } = await stage.runUntil();
      expect(length).toBeGreaterThan(CHANGES_MIN);
      for (const change of spread(length, KILL_CHANGES, random)) {
        const when = `killed instead of change ${change}, ${(await stage.runUntil(change)).at(-1)}`;
        await stage.startRelay();
        await stage.expectPolicy(when);
        await stage.endRelay();
        expect(stage.look(), when).toEqual(before);
      }
    },
    60_000 + 10_000 * Math.min(KILL_CHANGES, 1000),
  );
});

/** Numbers from 1 to `length`, far from each other; all of them if so many are wanted. */
function spread(length: number, count: number, random: () => number): readonly number[] {
  const step = Math.max(1, length / count);
  const first = 1 + Math.floor(random() * step);
  return Array.from({ length: Math.min(count, length) }, (_, i) => Math.floor(first + i * step));
}
