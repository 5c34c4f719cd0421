import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { Container } from "@uevent-bridge/relay";
import { BridgeError, openRelay } from "@uevent-bridge/relay";
import fc from "fast-check";
import { expect, test } from "vitest";

import { History } from "./history.js";

const RUNS = Number(process.env["CLAIM_RUNS"] ?? 15);
const PLACES = ["/devices/a", "/devices/a/b", "/devices/a/b/c", "/devices/d"];
const NAMES = ["one", "two", "three"];
const RULES = PLACES.flatMap((path) => [`${path},exclusive`, path]);
const KINDS = ["plug", "unplug", "allow", "forget", "grant", "revoke", "transfer", "again"] as const;

const step = fc.tuple(fc.constantFrom(...KINDS), fc.nat(NAMES.length - 1), fc.nat(RULES.length - 1));

/** What is refused is refused; all else is a fault. */
async function tried(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof BridgeError)) throw error;
  });
}

test("whatever is claimed, granted, revoked, plugged and handed over, no device has two holders and none is told twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 60, size: "max" }), async (steps) => {
      const kernel = new FakeKernel();
      await using relay = await openRelay({ kernel, runtimeDir: "/run" });
      const faults: string[] = [];
      const attach = async (name: string) => {
        const box = await relay.attach({ name, deliver: {} });
        const history = new History(true);
        box.on("forwarded", ({ bytes }) => history.hear(bytes));
        return { box, history };
      };
      const boxes = await Promise.all(NAMES.map(attach));
      const plugged = new Set<string>();
      const at = (i: number): { box: Container; history: History } => boxes[i]!;
      const act: Record<(typeof KINDS)[number], (who: number, rule: number) => unknown> = {
        plug: (_, rule) => {
          const path = PLACES[rule % PLACES.length]!;
          const parent = path.slice(0, path.lastIndexOf("/"));
          if (plugged.has(path) || (parent !== "/devices" && !plugged.has(parent))) return;
          plugged.add(path);
          kernel.plug(path, { subsystem: "misc" });
        },
        unplug: (_, rule) => {
          const path = PLACES[rule % PLACES.length]!;
          if (!plugged.has(path)) return;
          for (const each of plugged) if (each === path || each.startsWith(`${path}/`)) plugged.delete(each);
          kernel.unplug(path);
        },
        allow: (who, rule) => tried(at(who).box.allow(RULES[rule]!)),
        forget: (who, rule) => tried(at(who).box.forget(RULES[rule]!)),
        grant: (who, rule) => tried(at(who).box.grant(PLACES[rule >> 1]!, { exclusive: rule % 2 === 0 })),
        revoke: (who, rule) => tried(at(who).box.revoke(PLACES[rule >> 1]!)),
        transfer: (who, rule) => tried(relay.transfer(PLACES[rule >> 1]!, NAMES[who]!)),
        again: async (who) => {
          faults.push(...at(who).history.faults);
          await at(who).box.detach();
          boxes[who] = await attach(NAMES[who]!);
        },
      };
      for (const [kind, who, rule] of steps) {
        await act[kind](who, rule);
        await kernel.idle();
        await relay.settle();
        const told = await Promise.all(boxes.map(({ box }) => box.devices()));
        for (const { devpath, holder } of await relay.devices()) {
          const seers = NAMES.filter((_, i) => told[i]!.some((each) => each.devpath === devpath));
          if (holder !== undefined && seers.some((name) => name !== holder)) faults.push(`${devpath}: ${seers.join()}`);
        }
      }
      expect([...faults, ...boxes.flatMap(({ history }) => history.faults)]).toEqual([]);
    }),
    { numRuns: RUNS },
  );
}, 120_000);
