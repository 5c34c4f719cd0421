import { describe, expect, it } from "vitest";

import { env, fromText, toUevent } from "@uevent-bridge/uevent";

import { bytesOf, decoded, good, latin1Of } from "./bytes.js";

const BYTES = bytesOf(
  'add@/\xc3\xa9\0ACTION=add\0DEVPATH=/\xc3\xa9\0SUBSYSTEM=s\0NAME="a=\xff"\0__proto__=x\0SEQNUM=5\0',
);

describe("toUevent", () => {
  const event = good(toUevent(BYTES));

  it("gives text", () => {
    expect(event).toMatchObject({ kind: "event", action: "add", devpath: "/é", subsystem: "s", seqnum: 5n });
    expect([...event.env]).toEqual([
      ["ACTION", "add"],
      ["DEVPATH", "/é"],
      ["SUBSYSTEM", "s"],
      ["NAME", '"a=\udcff"'],
      ["__proto__", "x"],
      ["SEQNUM", "5"],
    ]);
    expect(event.env).toBe(event.env);
    expect(fromText(event.env.get("NAME") as string)).toBe('"a=\xff"');
  });

  it("is one object in JSON, with every variable", () => {
    const { env: variables, ...rest } = JSON.parse(JSON.stringify(event)) as { env: object };
    expect(rest).toEqual({ type: "event", action: "add", devpath: "/é", subsystem: "s", seqnum: 5 });
    expect(Object.entries(variables)).toEqual([...event.env]);
  });

  it("keeps the bytes, whatever becomes of those that it was given", () => {
    const given = BYTES.slice();
    const { bytes } = good(toUevent(given));
    given.fill(0);
    expect(latin1Of(bytes)).toBe(latin1Of(BYTES));
    expect(bytes.constructor).toBe(Uint8Array);
  });

  it("has seqnum 0 where the datagram has none", () => {
    expect(good(toUevent(bytesOf("add@/a\0ACTION=add\0DEVPATH=/a\0SUBSYSTEM=s\0"))).seqnum).toBe(0n);
  });

  it("says why there is no event", () => {
    expect(toUevent(bytesOf("libudev\0"))).toMatchObject({ malformed: "no-at" });
  });
});

describe("env", () => {
  it("is the same for an event that was decoded", () => {
    expect(env(decoded(latin1Of(BYTES)))).toEqual(good(toUevent(BYTES)).env);
  });
});
