import type { Message } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import { LOOP0, openScene, seqnums } from "./scene.js";

async function openStream(highWaterMark?: number) {
  const scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0] });
  await scene.rest();
  const stream = box.events(highWaterMark === undefined ? {} : { highWaterMark })[Symbol.asyncIterator]();
  return { scene, stream };
}

const kindOf = ({ value }: IteratorResult<Message>) => (value as Message | undefined)?.kind;

test.each(["events", "kernel", "udev"] as const)(
  "a stream of %s whose signal was aborted before just ends",
  async (what) => {
    await using scene = await openScene();
    const box = await scene.attach();
    const signal = AbortSignal.abort();
    const stream = what === "events" ? box.events({ signal }) : scene.relay.monitor({ signal, source: what });
    const heard: Message[] = [];
    for await (const message of stream) heard.push(message);
    expect(heard).toEqual([]);
  },
);

test("a gap is said where the messages are missing, also to a reader that never catches up", async () => {
  const { scene, stream } = await openStream(2);
  for (let i = 0; i < 5; i++) scene.kernel.change(LOOP0);
  await scene.kernel.idle();
  const kinds = [kindOf(await stream.next())];
  scene.kernel.change(LOOP0);
  await scene.kernel.idle();
  for (let i = 0; i < 3; i++) kinds.push(kindOf(await stream.next()));
  expect(kinds).toEqual(["event", "event", "gap", "event"]);
  await scene.relay.close();
});

test("what was lost of a container's own netns is said in its stream too", async () => {
  const scene = await openScene();
  const own = scene.kernel.container();
  const box = await scene.attach({ pid: own.pid });
  const stream = box.events();
  await scene.rest();
  scene.kernel.overrun({ netns: own });
  await scene.rest();
  await scene.relay.close();
  const heard: Message[] = [];
  for await (const message of stream) heard.push(message);
  expect(heard).toEqual([{ kind: "gap", lost: "unknown", where: "kernel" }]);
  expect(scene.relay.counters).toMatchObject({ overruns: 1, resyncs: 1 });
});

test("two reads that wait at the same time are both answered", async () => {
  const { scene, stream } = await openStream();
  const both = Promise.all([stream.next(), stream.next()]);
  scene.kernel.change(LOOP0);
  scene.kernel.change(LOOP0);
  expect((await both).map(kindOf)).toEqual(["event", "event"]);
  await scene.relay.close();
});

test("the end of a relay ends its monitors, and closes what they heard by", async () => {
  const scene = await openScene();
  const streams = (["kernel", "udev"] as const).map((source) =>
    scene.relay.monitor({ source })[Symbol.asyncIterator](),
  );
  await scene.relay.close();
  expect(scene.kernel.holdsProcess).toBe(false);
  for (const stream of streams) expect(await stream.next()).toMatchObject({ done: true });
});

test("a monitor does not hold a process that the relay lets go", async () => {
  await using scene = await openScene();
  scene.relay.unref();
  scene.relay.monitor({ source: "udev" });
  expect(scene.kernel.holdsProcess).toBe(false);
});

test("what nobody hears is not counted, also where somebody has heard before", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0] });
  const change = async () => {
    scene.kernel.change(LOOP0);
    await scene.rest();
  };
  const heard: Uint8Array[] = [];
  const hear = (event: Message) => void (event.kind === "event" && heard.push(event.bytes));
  await change();
  const stream = box.events()[Symbol.asyncIterator]();
  await change();
  hear((await stream.next()).value as Message);
  await stream.return?.();
  await change();
  box.on("forwarded", hear);
  await change();
  box.off("forwarded", hear);
  await change();
  box.on("forwarded", hear);
  await change();
  expect(seqnums(heard)).toEqual([1, 2, 3]);
});
