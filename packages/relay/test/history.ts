import { isAtOrBelow } from "./world.js";

/** Reads what a listener was told and says where it is no history that could have happened. */
export class History {
  /** The paths that are known, with the DISKSEQ that `add` gave each: which of the devices that came to that path it is. */
  readonly told = new Map<string, string>();
  /** The properties that were said last of each. */
  readonly said = new Map<string, ReadonlyMap<string, string>>();
  /** Sentences, one for each fault. */
  readonly faults: string[] = [];
  #seqnum = 0;
  readonly #numbered: boolean;

  /** @param numbered true if each datagram has a SEQNUM that the relay gave it */
  constructor(numbered: boolean) {
    this.#numbered = numbered;
  }

  hear(bytes: Uint8Array): void {
    const [header = "", ...pairs] = Buffer.from(bytes).toString("latin1").split("\0").slice(0, -1);
    const env = new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
    const [action = "", devpath = ""] = header.split("@");
    if (env.get("ACTION") !== action || env.get("DEVPATH") !== devpath) this.faults.push(`${header}: pairs differ`);
    if (this.#numbered) this.#count(Number(env.get("SEQNUM")), header);
    this.#apply(action, devpath, env);
  }

  #count(seqnum: number, header: string): void {
    if (!(seqnum > this.#seqnum)) this.faults.push(`${header}: SEQNUM ${seqnum} after ${this.#seqnum}`);
    this.#seqnum = seqnum;
  }

  #apply(action: string, devpath: string, env: ReadonlyMap<string, string>): void {
    const old = env.get("DEVPATH_OLD");
    const isTold = this.told.has(devpath);
    if (action === "add") {
      if (isTold) this.faults.push(`add@${devpath}: told twice`);
      this.told.set(devpath, env.get("DISKSEQ") ?? "");
      this.said.set(devpath, env);
    } else if (action === "move" && old !== undefined) {
      if (!this.told.has(old)) this.faults.push(`move@${devpath}: ${old} was not told`);
      for (const [each, diskseq] of [...this.told].filter(([each]) => isAtOrBelow(each, old))) {
        const to = devpath + each.slice(old.length);
        this.told.delete(each);
        this.told.set(to, diskseq);
        this.said.set(to, each === old ? env : (this.said.get(each) ?? env));
      }
    } else if (!isTold) {
      this.faults.push(`${action}@${devpath}: was not told`);
    } else if (action === "remove") {
      this.told.delete(devpath);
      const below = [...this.told.keys()].filter((each) => isAtOrBelow(each, devpath));
      if (below.length > 0) this.faults.push(`remove@${devpath}: before ${below.join()}`);
    } else {
      this.said.set(devpath, env);
    }
  }
}
