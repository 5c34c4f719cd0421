import type { FakeContainer, FakeKernel } from "@uevent-bridge/kernel/testing";

import { FakeIo } from "./fake-io.js";

/** A finding as it is printed. */
export interface Found {
  readonly code: string;
  readonly level: string;
  readonly message: string;
  readonly remedy?: string;
}

/** What `doctor` finds of a container. */
export async function examined(kernel: FakeKernel, { pid }: FakeContainer): Promise<readonly Found[]> {
  using io = new FakeIo({ kernel });
  await io.run("doctor", "--pid", `${pid}`, "--json");
  return io.stdout.json() as readonly Found[];
}
