import type { DeviceDirectory, DeviceEntry, DeviceNumber, DeviceRights } from "@uevent-bridge/kernel";
import { KernelError } from "@uevent-bridge/kernel";

import { DeviceView } from "../src/index.js";
import type { Shown } from "../src/index.js";

/** What was done, in order. */
export class Stage implements DeviceDirectory, DeviceRights {
  readonly path = "/host/dev";
  isShared = false;
  readonly adds = false;
  readonly log: string[] = [];
  readonly entries = new Map<string, DeviceEntry>();
  readonly troubles: unknown[] = [];
  refuses = "";
  refuser: string | undefined;
  base = 100_000;
  readonly view = new DeviceView<string>({
    directory: this,
    toHost: ({ uid, gid }) => {
      if (uid > 65_535) throw new KernelError("ID_UNMAPPED", `no uid ${uid}`, "map it");
      return { uid: uid + this.base, gid: gid + this.base };
    },
    onTrouble: (error) => this.troubles.push(error),
  });

  put(name: string, entry: DeviceEntry): void {
    if (name === this.refuses) throw new Error(`no ${name}`);
    this.entries.set(name, entry);
    this.log.push(`put ${name}`);
  }

  remove(name: string): void {
    this.entries.delete(name);
    this.log.push(`remove ${name}`);
  }

  grant({ type, major, minor }: DeviceNumber, access: string): void {
    this.log.push(`grant ${type} ${major}:${minor} ${access}`);
  }

  revoke({ type, major, minor }: DeviceNumber): void {
    this.log.push(`revoke ${type} ${major}:${minor}`);
  }

  refusedBy(): string | undefined {
    return this.refuser;
  }

  hold(): boolean {
    return false;
  }

  forgetOthers(): void {
    this.log.push("forget others");
  }

  close(): void {
    this.log.push("close");
  }

  /** What was done since the last time. */
  done(): readonly string[] {
    return this.log.splice(0);
  }
}

export const LOOP: Shown = { name: "loop7", number: { type: "block", major: 7, minor: 7 } };

export function open(): Stage {
  const stage = new Stage();
  stage.view.useRights(stage);
  stage.done();
  return stage;
}
