import { describe, expect, it } from "vitest";

import {
  check,
  decode,
  decodeUdev,
  encode,
  encodeEvent,
  encodeUdev,
  hotplugEnvironment,
  toUevent,
} from "@uevent-bridge/uevent";

import { good, latin1Of } from "./bytes.js";
import { corpus } from "./corpus.js";

/** Key and value of each pair, in the plainest way. */
function eagerPairs(pairs: string): [key: string, value: string][] {
  const parts = pairs.split("\0").slice(0, -1);
  return parts.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]);
}

describe("the recorded datagrams of the kernel", () => {
  const datagrams = corpus("kernel");

  it("are as many as were recorded", () => {
    expect(datagrams.length).toBe(3085);
  });

  it("are accepted, with nothing to say against them", () => {
    for (const bytes of datagrams) expect(check(good(decode(bytes)))).toBeUndefined();
  });

  it("give lazily what they give eagerly", () => {
    for (const bytes of datagrams) {
      const text = latin1Of(bytes);
      const event = good(decode(bytes));
      const eager = eagerPairs(text.slice(text.indexOf("\0") + 1));
      const values = new Map(eager);
      expect(event.text).toBe(text);
      expect(`${event.action}@${event.devpath}`).toBe(text.slice(0, text.indexOf("\0")));
      expect(event.subsystem).toBe(values.get("SUBSYSTEM"));
      expect(String(event.seqnum)).toBe(values.get("SEQNUM"));
      expect(text.slice(event.seqnumStart)).toBe(`${values.get("SEQNUM")}\0`);
      expect(eagerPairs(event.state)).toEqual(eager.slice(3, -1));
      expect([...good(event.pairs())]).toEqual(eager);
      expect(eager.map(([key]) => event.get(key))).toEqual(eager.map(([, value]) => value));
    }
  });

  it("encode back byte for byte", () => {
    for (const bytes of datagrams) {
      const { action, devpath, subsystem, state, seqnum } = good(decode(bytes));
      const text = latin1Of(bytes);
      expect(latin1Of(encodeEvent(action, devpath, subsystem, state, seqnum))).toBe(text);
      const parts = { action, devpath, subsystem, properties: eagerPairs(state), seqnum: seqnum as bigint };
      expect(latin1Of(encode(parts))).toBe(text);
    }
  });

  it("become values that keep the bytes", () => {
    for (const bytes of datagrams) {
      const event = good(toUevent(bytes));
      expect(Buffer.compare(event.bytes, bytes)).toBe(0);
      expect(event.env.get("SEQNUM")).toBe(String(event.seqnum));
    }
  });

  it("have no variable that a hotplug helper must not get", () => {
    for (const bytes of datagrams) expect(hotplugEnvironment(good(toUevent(bytes))).refused).toEqual([]);
  });
});

describe("the recorded datagrams of udevd", () => {
  const datagrams = corpus("udev");

  it("are as many as were recorded, some with tags", () => {
    expect(datagrams.length).toBe(1279);
    expect(datagrams.filter((bytes) => good(decodeUdev(bytes)).tags.length > 0).length).toBeGreaterThan(100);
  });

  it("give what they give eagerly", () => {
    for (const bytes of datagrams) {
      const message = good(decodeUdev(bytes));
      const eager = eagerPairs(latin1Of(bytes).slice(40));
      expect([...message.env]).toEqual(eager);
      expect(message.devpath).toBe(new Map(eager).get("DEVPATH"));
    }
  });

  it("encode back byte for byte", () => {
    for (const bytes of datagrams) {
      const message = good(decodeUdev(bytes));
      expect(latin1Of(encodeUdev(message.properties))).toBe(latin1Of(bytes));
      expect(latin1Of(encodeUdev(eagerPairs(message.properties)))).toBe(latin1Of(bytes));
    }
  });
});
