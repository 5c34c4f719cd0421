import { openLinux } from "@uevent-bridge/linux";
import { expect, onTestFinished, test } from "vitest";

import { startOwn } from "./world/containers.js";

test("300 readers are all listed, more than fit into a page of the kernel's list", async () => {
  const agent = await startOwn();
  onTestFinished(() => agent.end());
  const inodes: number[] = [];
  for (let n = 0; n < 300; n++) inodes.push((await agent.ask<{ inode: number }>("listen", 4096)).inode);
  const target = openLinux().openTarget({ pid: agent.pid });
  const injector = target.openInjector("kernel");
  for (let round = 0; round < 3; round++) {
    const listed = injector.readers().map(({ inode }) => inode);
    expect(listed.sort((a, b) => a - b)).toEqual(inodes.sort((a, b) => a - b));
  }
  injector.close();
  target.close();
});
