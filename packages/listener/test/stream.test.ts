import { describe, expect, test } from "vitest";

import { STREAM_LIMIT } from "../src/stream.js";
import { Streams } from "../src/streams.js";
import type { Gap } from "../src/types.js";

interface Said {
  readonly n: number;
}

const said = (n: number): Said => ({ n });
const gap = (lost: Gap["lost"]): Gap => ({ kind: "gap", lost, where: "container" });
const ofStream = (lost: Gap["lost"]) => ({ kind: "gap", lost, where: "stream" });
const done = { done: true, value: undefined };

function filled(extra: readonly (Said | Gap)[]) {
  const streams = new Streams<Said>();
  const stream = streams.open();
  for (let n = 0; n < STREAM_LIMIT; n++) streams.push(said(n));
  for (const message of extra) streams.push(message);
  return { streams, stream };
}

async function take(stream: AsyncIterator<Said | Gap, undefined, undefined>, count: number) {
  const values: unknown[] = [];
  for (let i = 0; i < count; i++) values.push((await stream.next()).value);
  return values;
}

describe("an iterator", () => {
  test("has what was said since it was opened, in order; the first one all", async () => {
    const streams = new Streams<Said>();
    streams.push(said(0));
    const [first, second] = [streams.open(), streams.open()];
    streams.push(said(1));
    streams.push(gap(5));
    expect(await take(first, 3)).toEqual([said(0), said(1), gap(5)]);
    expect(await take(second, 2)).toEqual([said(1), gap(5)]);
  });

  test("waits, also several times at once", async () => {
    const streams = new Streams<Said>();
    const stream = streams.open();
    const waiting = [stream.next(), stream.next()];
    streams.push(said(1));
    streams.push(said(2));
    expect(await Promise.all(waiting)).toMatchObject([{ value: said(1) }, { value: said(2) }]);
  });

  test("does not take from another", async () => {
    const streams = new Streams<Said>();
    const [a, b] = [streams.open(), streams.open()];
    streams.push(said(1));
    expect([await take(a, 1), await take(b, 1)]).toEqual([[said(1)], [said(1)]]);
  });

  test("that returned hears no more", async () => {
    const streams = new Streams<Said>();
    const stream = streams.open();
    streams.push(said(1));
    await stream.return();
    streams.push(said(2));
    expect(await stream.next()).toEqual(done);
  });
});

describe("more than it may hold", () => {
  const all = Array.from({ length: STREAM_LIMIT }, (_, n) => said(n));

  test("is a gap at the place where it is missing", async () => {
    const { streams, stream } = filled([said(-1), said(-2)]);
    expect(await take(stream, 10)).toEqual(all.slice(0, 10));
    streams.push(said(-3));
    expect(await take(stream, STREAM_LIMIT - 8)).toEqual([...all.slice(10), ofStream(2), said(-3)]);
  });

  test("is a gap at the end, if nothing follows", async () => {
    const { stream } = filled([said(-1)]);
    expect(await take(stream, STREAM_LIMIT + 1)).toEqual([...all, ofStream(1)]);
  });

  test.each<[string, readonly (Said | Gap)[], Gap["lost"]]>([
    ["a gap that is lost counts as much as it says", [said(-1), gap(5)], 6],
    ["one of unknown size makes it unknown", [gap("unknown"), said(-1)], "unknown"],
  ])("%s", async (_, extra, lost) => {
    const { stream } = filled(extra);
    expect((await take(stream, STREAM_LIMIT + 1)).at(-1)).toEqual(ofStream(lost));
  });
});

describe("the end", () => {
  test("comes after what waits", async () => {
    const streams = new Streams<Said>();
    const stream = streams.open();
    streams.push(said(1));
    streams.end();
    streams.push(said(2));
    expect([await stream.next(), await stream.next()]).toEqual([{ done: false, value: said(1) }, done]);
  });

  test("wakes those who wait", async () => {
    const streams = new Streams<Said>();
    const stream = streams.open();
    const waiting = [stream.next(), stream.next()];
    streams.end();
    expect(await Promise.all(waiting)).toEqual([done, done]);
  });

  test("is there for those who come later", async () => {
    const streams = new Streams<Said>();
    streams.end();
    expect(await streams.open().next()).toEqual(done);
  });
});

describe("a failure", () => {
  const failure = new Error("of the test");

  test("rejects once, after what waits", async () => {
    const streams = new Streams<Said>();
    const stream = streams.open();
    streams.push(said(1));
    expect(streams.fail(failure)).toBe(1);
    expect(await take(stream, 1)).toEqual([said(1)]);
    await expect(stream.next()).rejects.toBe(failure);
    expect(await stream.next()).toEqual(done);
  });

  test("rejects the first who waits; the others find the end", async () => {
    const streams = new Streams<Said>();
    const stream = streams.open();
    const results = Promise.allSettled([stream.next(), stream.next()]);
    streams.fail(failure);
    expect(await results).toMatchObject([{ reason: failure }, { value: done }]);
  });

  test("rejects those who come later, until it is mended", async () => {
    const streams = new Streams<Said>();
    expect(streams.fail(failure)).toBe(0);
    await expect(streams.open().next()).rejects.toBe(failure);
    await expect(streams.open().next()).rejects.toBe(failure);
    streams.mend();
    const stream = streams.open();
    streams.push(said(1));
    expect(await take(stream, 1)).toEqual([said(1)]);
  });

  test("that was mended before anybody came is none", async () => {
    const streams = new Streams<Said>();
    streams.push(said(0));
    streams.fail(failure);
    streams.mend();
    streams.push(said(1));
    expect(await take(streams.open(), 1)).toEqual([said(1)]);
  });
});
