import { fromText } from "@uevent-bridge/uevent";

import { difference } from "./difference.js";
import { channelsOf, explain, explainLog } from "./explain.js";
import type { Explained } from "./explain.js";
import type { Host } from "./host.js";
import { frozen } from "./in-use.js";
import type { InUse } from "./in-use.js";
import type { KnownDevice } from "./known-device.js";
import type { OwnDevices } from "./own-devices.js";
import { numberOf, snapshot } from "./snapshot.js";
import type * as api from "./types.js";

/** A container as far as it is asked about. */
export interface Asked extends Explained {
  readonly delivery: readonly api.DeliveryChoice[];
  wanted(): Iterable<KnownDevice>;
  told(): ReadonlySet<KnownDevice>;
  readonly inUse: Pick<InUse, "by" | "isFrozen">;
}

/** What it has of its devices, as far as it is asked. */
export type Has = Pick<OwnDevices, "look" | "isCalled">;

const DEV = "/dev/";

/** What a container is asked, and changes nothing. */
export class Answers {
  readonly #host: Host;
  readonly #asked: Asked;
  readonly #has: () => Has;

  /** @param has what the container has of its devices, now */
  constructor(host: Host, asked: Asked, has: () => Has) {
    this.#host = host;
    this.#asked = asked;
    this.#has = has;
  }

  /** A device that it sees by a name in its `/dev`; else one as the host calls it. */
  find(asked: string): KnownDevice | undefined {
    return this.#findInside(asked) ?? this.#host.find(asked, this.#asked.netns);
  }

  /** One as the host calls it, as it may not see it yet; else as `find`. */
  findOnHost(asked: string): KnownDevice | undefined {
    return this.#host.find(asked, this.#asked.netns) ?? this.#findInside(asked);
  }

  /** Whether one of the rules picks a device; without rules all do. */
  async picked(rules: readonly api.RuleLike[]): Promise<(device: KnownDevice) => boolean> {
    if (rules.length === 0) return () => true;
    const picked = new Set(await this.#host.select({ allow: rules }, this.#asked.netns));
    return (device) => picked.has(device);
  }

  async devices(rules: readonly api.RuleLike[]): Promise<api.Device[]> {
    const isPicked = await this.picked(rules);
    const told = this.#asked.told();
    return [...this.#asked.wanted()].filter((device) => told.has(device) && isPicked(device)).map(snapshot);
  }

  /** What would be told if this were the policy. */
  async dryRun(policy: api.Policy): Promise<api.Change> {
    return difference(this.#asked.told(), new Set(await this.#host.select(policy, this.#asked.netns)));
  }

  async explain(device: string, { look = true }: api.ExplainOptions = {}): Promise<api.Explanation> {
    const found = this.find(device);
    const channels = channelsOf(this.#asked.delivery);
    const explanation = { ...explain(found, device, this.#asked), ...frozen(this.#asked.inUse), channels };
    if (!found) return explanation;
    const asked = explanation.reason === "allowed" ? lookedAt(channels, look) : new Set<string>();
    const { node, channels: looked } = await this.#has().look(found, asked);
    const openBy = look === true && numberOf(found) ? await this.#asked.inUse.by([found]) : undefined;
    return {
      ...explanation,
      ...(node && { node }),
      ...(openBy && { openBy }),
      channels: { ...channels, ...looked },
    };
  }

  #findInside(asked: string): KnownDevice | undefined {
    if (!asked.startsWith(DEV)) return undefined;
    const name = fromText(asked.slice(DEV.length));
    const has = this.#has();
    return [...this.#asked.told()].find((device) => has.isCalled(device, name));
  }

  log(since: Date | undefined): api.Decision[] {
    return explainLog(this.#host.recent(), since, this.#asked);
  }
}

/** What its programs may open is asked whoever says it. */
function lookedAt(channels: api.Explanation["channels"], look: boolean | "cgroup"): ReadonlySet<string> {
  const open = Object.keys(channels).filter((channel) => look === true && channels[channel] === "ok");
  return new Set(look === false ? [] : [...open, "cgroup"]);
}
