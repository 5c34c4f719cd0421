import assert from "node:assert/strict";
import {
  KERNEL_DATAGRAM_BYTES,
  KERNEL_ENV_BYTES,
  check,
  decode,
  describeMalformed,
  encode,
  encodeEvent,
  env,
  fromText,
  hotplugEnvironment,
  isMalformed,
  replaceSeqnum,
  toUevent,
  withAction,
  withDevname,
  withoutSeqnum,
} from "@uevent-bridge/uevent";
import type { KernelUevent, Uevent } from "@uevent-bridge/uevent";
import { recorded } from "../engine/recorded.js";
import { bytesOf, holds, text } from "../engine/target.js";
import { Verdicts } from "../engine/verdicts.js";
import { main } from "../engine/watch.js";

const verdicts = new Verdicts();

/** What lies beside a datagram in a batch. */
const BESIDE = bytesOf("ACTION=add\0SUBSYSTEM=usb\0x@/\0");

function checkAlone(bytes: Uint8Array, event: KernelUevent): void {
  const slab = new Uint8Array(bytes.length + 2 * BESIDE.length);
  slab.set(BESIDE);
  slab.set(bytes, BESIDE.length);
  slab.set(BESIDE, BESIDE.length + bytes.length);
  assert.deepEqual(decode(slab, BESIDE.length, BESIDE.length + bytes.length), event, "what lies beside it is read");
}

function checkEvent(bytes: Uint8Array, event: Uevent, decoded: KernelUevent): void {
  holds(
    bytes.length <= KERNEL_DATAGRAM_BYTES && bytes.length - decoded.pairsStart <= KERNEL_ENV_BYTES,
    "it is too long",
  );
  holds(
    event.devpath
      .split("/")
      .slice(1)
      .every((part) => part !== "" && part !== "." && part !== ".."),
    "a devpath leads elsewhere",
  );
  holds(!event.subsystem.includes("/"), "a subsystem is a path");
  const pairs = decoded.pairs();
  assert(!isMalformed(pairs));
  assert.deepEqual(
    [...event.env].map((pair) => pair.map(fromText)),
    [...pairs],
    "text and bytes differ",
  );
  const { action, devpath, subsystem, state, seqnum } = decoded;
  const again = decode(encodeEvent(action, devpath, subsystem, state, seqnum));
  assert(!isMalformed(again));
  assert.deepEqual(
    [again.action, again.devpath, again.subsystem, again.state, again.seqnum],
    [action, devpath, subsystem, state, seqnum],
  );
  const own = new Set(["ACTION", "DEVPATH", "SUBSYSTEM", "SEQNUM"]);
  const properties = [...pairs].filter(([key]) => !own.has(key));
  const parts = { action, devpath, subsystem, properties, ...(seqnum !== undefined && { seqnum }) };
  assert.deepEqual(encode(parts), encodeEvent(action, devpath, subsystem, state, seqnum));
  checkEdits(bytes, event);
  JSON.parse(JSON.stringify(event));
}

function checkEdits(bytes: Uint8Array, event: Uevent): void {
  const numbered = toUevent(replaceSeqnum(bytes, 7n));
  if (isMalformed(numbered)) holds(numbered.malformed === "too-long", "another number makes it malformed");
  else
    assert.deepEqual(
      [...numbered.env].filter(([key]) => key !== "SEQNUM"),
      [...event.env].filter(([key]) => key !== "SEQNUM"),
    );
  const without = toUevent(withoutSeqnum(bytes));
  holds(!isMalformed(without) && !without.env.has("SEQNUM"), "a number is left");
  const removed = toUevent(withAction(bytes, "remove"));
  holds(
    isMalformed(removed) ? removed.malformed === "too-long" : removed.action === "remove",
    "another action makes it malformed",
  );
  const named = toUevent(withDevname(bytes, "x"));
  holds(
    isMalformed(named)
      ? named.malformed === "too-long"
      : named.env.get("DEVNAME") === (event.env.has("DEVNAME") ? "x" : undefined),
    "another name makes it malformed",
  );
}

/** C does not look at SEQNUM, which it says to nobody, nor at whether a value is UTF-8. */
function compare(bytes: Uint8Array, event: ReturnType<typeof toUevent>): void {
  if (isMalformed(event)) {
    if (event.malformed !== "bad-seqnum") verdicts.add({ bytes, said: "" });
    return;
  }
  const { env: variables } = hotplugEnvironment(event, { seqnum: false });
  if (/\p{Surrogate}/u.test([...event.env.values()].join(""))) return;
  verdicts.add({
    bytes,
    said: Object.entries(variables)
      .map(([key, value]) => `${key}=${fromText(value)}\0`)
      .join(""),
  });
}

main({
  run(bytes) {
    const decoded = decode(bytes);
    const event = toUevent(bytes);
    compare(bytes, event);
    if (isMalformed(event))
      holds(
        event.offset >= 0 && event.offset <= bytes.length && describeMalformed(event) !== "",
        "it is nowhere malformed",
      );
    if (isMalformed(decoded)) return assert.deepEqual(event, decoded);
    checkAlone(bytes, decoded);
    assert.equal(decoded.text, text(bytes));
    const wrong = check(decoded);
    const variables = env(decoded);
    holds(
      isMalformed(event) === (wrong !== undefined) && isMalformed(variables) === isMalformed(event),
      "who looks at all does not agree",
    );
    holds(decoded.seqnumStart < bytes.length && decoded.state.length <= bytes.length, "more than there is");
    if (!isMalformed(event)) checkEvent(bytes, event, decoded);
  },
  settle: () => verdicts.settle(),
  seeds: () => {
    const header = "add@/devices/a\0ACTION=add\0DEVPATH=/devices/a\0SUBSYSTEM=b\0";
    const filled = [-1, 0, 1].map((more) => {
      const room = KERNEL_ENV_BYTES - (header.length - header.indexOf("\0") - 1) - "X=\0".length + more;
      return bytesOf(`${header}X=${"x".repeat(room)}\0`);
    });
    const longest = [-1, 0, 1].map((more) => {
      const path = `/${"d".repeat(KERNEL_ENV_BYTES - "ACTION=a\0DEVPATH=\0SUBSYSTEM=b\0".length - 1 + more)}`;
      return bytesOf(`a@${path}\0ACTION=a\0DEVPATH=${path}\0SUBSYSTEM=b\0`);
    });
    return [...recorded(1), ...filled, ...longest];
  },
  longest: KERNEL_DATAGRAM_BYTES + 64,
});
