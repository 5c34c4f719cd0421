import { describe, expect, onTestFinished, test } from "vitest";

import type { RawListener } from "../src/index.js";
import { listenRaw } from "../src/index.js";
import { containerDirectory } from "./support/container-directory.js";
import { datagram } from "./support/corpus.js";
import { FakeRelay, socketsIn } from "./support/fake-relay.js";
import { settled } from "./support/settled.js";
import { withSockets } from "./support/unix-dgram.js";

async function pair(): Promise<{ raw: RawListener; relay: FakeRelay; said: string[] }> {
  const dir = containerDirectory();
  const raw = await listenRaw({ dir });
  const relay = new FakeRelay(dir);
  onTestFinished(async () => {
    relay[Symbol.dispose]();
    await raw.close();
  });
  const said: string[] = [];
  raw.on("datagram", (bytes) => said.push(`${bytes.length} bytes`));
  raw.on("gap", ({ lost, where }) => said.push(`gap ${lost} ${where}`));
  return { raw, relay, said };
}

describe("a listener in the kernel's form", withSockets, () => {
  test("asks for it by its name", async () => {
    const dir = containerDirectory();
    await using raw = await listenRaw({ dir });
    expect(socketsIn(dir).join()).toMatch(/^\d+-[0-9a-f]{12}\.sock$/);
    expect(raw.ref()).toBe(raw);
  });

  test("hands datagrams on as they are, by iteration and by event", async () => {
    const { raw, relay, said } = await pair();
    const bytes = datagram({ seq: 1 });
    const next = raw[Symbol.asyncIterator]().next();
    await relay.send(bytes);
    expect((await next).value).toEqual(bytes);
    expect(said).toEqual([`${bytes.length} bytes`]);
  });

  test.each<[string, readonly Uint8Array[], readonly string[]]>([
    ["a step of SEQNUM is a gap", [datagram({ seq: 1 }), datagram({ seq: 5 })], ["gap 3 container"]],
    ["so is a first one that is not 1", [datagram({ seq: 3 })], ["gap 2 container"]],
    ["another count is none", [datagram({ seq: 1 }), datagram({ seq: 2 }), datagram({ seq: 1 })], []],
    ["a datagram that is too long is a gap", [Buffer.alloc(70_000, 1)], ["gap 1 listener"]],
    ["what is no event is handed on and counts nothing", [Buffer.from("no event"), datagram({ seq: 1 })], []],
  ])("%s", async (_, datagrams, gaps) => {
    const { relay, said } = await pair();
    for (const bytes of datagrams) await relay.send(bytes);
    await settled();
    expect(said.filter((words) => words.startsWith("gap"))).toEqual(gaps);
  });

  test("holds 1024 datagrams for who does not read, and says what it lost", async () => {
    const { raw, relay } = await pair();
    const stream = raw[Symbol.asyncIterator]();
    for (let i = 0; i < 1030; i++) await relay.send(datagram({ seq: i + 1 }));
    await settled();
    for (let i = 0; i < 1024; i++) expect((await stream.next()).value).toBeInstanceOf(Uint8Array);
    expect((await stream.next()).value).toEqual({ kind: "gap", lost: 6, where: "stream" });
  });
});
