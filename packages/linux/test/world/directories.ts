import { join } from "node:path";

import type { SocketDirectory } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { expect, onTestFinished } from "vitest";

import { Folder } from "./directory.js";

/** A temporary place for directories, and a kernel that opens them; both are taken down after the test. */
export interface Place {
  readonly folder: Folder;
  readonly locks: string;
  readonly open: (path?: string) => SocketDirectory;
}

export function makePlace(): Place {
  const folder = new Folder();
  const locks = join(folder.base, "locks");
  const kernel = openLinux({ lockDirectory: locks });
  onTestFinished(() => folder.close());
  return {
    folder,
    locks,
    open(path = folder.path) {
      const directory = kernel.openDirectory(path, folder);
      onTestFinished(() => directory.close());
      return directory;
    },
  };
}

export function unusable(message: RegExp): unknown {
  const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);
  return expect.objectContaining({ code: "PATH_UNUSABLE", message: like(message), remedy: like(/./) });
}
