import type { Outlet } from "./outlet.js";

/** In which order outlets are told: who comes later relies on what those before have done. */
const RANKS = ["view", "sys", "links", "database", "local", "others"] as const;

/** What a container has of its devices. */
const OWN: ReadonlySet<Rank> = new Set(["view", "sys", "links"]);

export type Rank = (typeof RANKS)[number];

/** The outlets of one container. */
export class OutletList {
  /** Replaced when an outlet comes or goes, so that a loop over it is never disturbed. */
  all: readonly Outlet[] = [];
  readonly #coldplug: boolean;
  readonly #ranks = new WeakMap<Outlet, number>();

  /** @param coldplug false: what is there already is not told, but to what a container has of its devices */
  constructor(coldplug: boolean) {
    this.#coldplug = coldplug;
  }

  /** @param knows it goes on from what was told before */
  add(outlet: Outlet, rank: Rank = "others", knows = false): Outlet {
    if (this.#coldplug || OWN.has(rank) || knows) outlet.fallBehind();
    else outlet.skipColdplug();
    this.#ranks.set(outlet, RANKS.indexOf(rank));
    const rankOf = (each: Outlet): number => this.#ranks.get(each) ?? RANKS.length;
    this.all = [...this.all, outlet].toSorted((a, b) => rankOf(a) - rankOf(b));
    return outlet;
  }

  remove(outlet: Outlet): void {
    this.all = this.all.filter((each) => each !== outlet);
    outlet.end();
  }
}
