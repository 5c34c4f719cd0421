import type { Policy } from "@uevent-bridge/filter";
import type { Change, Container } from "@uevent-bridge/relay";

import type { ModelPolicy } from "../world.js";
import { RULES } from "../world.js";

export type PolicyKind = "allow" | "deny" | "forget" | "setPolicy";

/** Rules of a container whose policy stays as it is. */
export const OTHER = { allow: new Set([4, 5]), deny: new Set([3]) };

export function textsOf({ allow, deny }: ModelPolicy): Policy {
  const texts = (rules: ReadonlySet<number>) => [...rules].map((i) => RULES[i]!.text);
  return { allow: texts(allow), deny: texts(deny) };
}

/** What a container may see, as it is changed. */
export class Policies {
  readonly now = { allow: new Set<number>(), deny: new Set<number>() };

  change(box: Container, kind: PolicyKind, rule: number): Promise<Change> {
    const { text } = RULES[rule]!;
    if (kind === "setPolicy") {
      this.now.allow = new Set([rule, (rule + 3) % RULES.length]);
      this.now.deny = new Set([(rule + 1) % RULES.length]);
      return box.setPolicy(textsOf(this.now));
    }
    if (kind === "forget") {
      this.now.allow.delete(rule);
      this.now.deny.delete(rule);
      return box.forget(text);
    }
    this.now[kind].add(rule);
    return box[kind](text);
  }

  /** Returns sentences: where nothing else happens, what it makes of what the container was told is what it says. */
  async changeAlone(box: Container, kind: PolicyKind, rule: number): Promise<readonly string[]> {
    const before = await toldOf(box);
    const { added, removed } = await this.change(box, kind, rule);
    const after = (await toldOf(box)).toSorted();
    const said = [...before.filter((each) => !removed.includes(each)), ...added].toSorted();
    return said.join() === after.join()
      ? []
      : [`${kind} said +${added.join()} -${removed.join()}, and not ${after.join()}`];
  }
}

/** The paths that a container was told of. */
async function toldOf(box: Container): Promise<string[]> {
  return (await box.devices()).map(({ devpath }) => devpath);
}
