import {
  chmodSync,
  chownSync,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { TestDirectory, TestListener } from "@uevent-bridge/kernel/contract";

import { loadAddon } from "../../src/addon.js";
import { UID_BASE, isRoot } from "./privilege.js";

/** A directory for listeners, below a temporary one that is removed in the end. */
export class Folder implements TestDirectory {
  readonly base = mkdtempSync(join(tmpdir(), "uevent-bridge-test-"));
  readonly path = join(this.base, "box");
  readonly uid = isRoot ? UID_BASE : (process.getuid?.() ?? 0);
  readonly gid = isRoot ? UID_BASE : (process.getgid?.() ?? 0);
  readonly #closers: (() => void)[] = [];

  make(): void {
    mkdirSync(this.path, 0o700);
    chownSync(this.path, this.uid, this.gid);
  }

  /** Others may come through to it. */
  share(): void {
    chmodSync(this.base, 0o711);
  }

  remove(): void {
    rmdirSync(this.path);
  }

  exists(): boolean {
    return statSync(this.path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  }

  bind(name: string): BoundListener {
    const listener = new BoundListener(this.path, name);
    this.#closers.push(() => listener.close());
    return listener;
  }

  async odd(name: string, kind: "file" | "directory" | "stream"): Promise<void> {
    const path = join(this.path, name);
    if (kind === "file") writeFileSync(path, "");
    if (kind === "directory") mkdirSync(path);
    if (kind !== "stream") return;
    const server = createServer().listen(path);
    this.#closers.push(() => server.close());
    await once(server, "listening");
  }

  symlink(name: string, target: string): void {
    symlinkSync(target, join(this.path, name));
  }

  close(): void {
    for (const close of this.#closers) close();
    rmSync(this.base, { recursive: true });
  }
}

/** A bound datagram socket that is read only when told to. */
export class BoundListener implements TestListener {
  readonly inode: bigint;
  readonly #addon = loadAddon();
  readonly #directory: string;
  #name: string;
  #fd: number;

  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#name = name;
    this.#fd = this.#addon.bindDatagram(this.#path);
    if (this.#fd < 0) throw new Error(`bind ${this.#path}: errno ${-this.#fd}`);
    this.inode = lstatSync(this.#path, { bigint: true }).ino;
  }

  read(): Uint8Array | undefined {
    const read = this.#addon.receiveOne(this.#fd);
    return typeof read === "number" ? undefined : read;
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  unlink(): void {
    unlinkSync(this.#path);
  }

  rename(name: string): void {
    renameSync(this.#path, join(this.#directory, name));
    this.#name = name;
  }

  get #path(): string {
    return join(this.#directory, this.#name);
  }
}
