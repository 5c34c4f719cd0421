import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { BridgeError } from "@uevent-bridge/relay";
import { RuleError } from "@uevent-bridge/filter";
import { formatIdentity, parseIdentity } from "../../../packages/linux/src/dev/dev-identity.js";
import { parseNote } from "../../../packages/linux/src/dev/made-note.js";
import { parseLock } from "../../../packages/linux/src/file-lock.js";
import { claimFileOf, decodeClaim, encodeClaim } from "../../../packages/relay/src/claim-record.js";
import { decodeState, encodeState } from "../../../packages/relay/src/state.js";
import { bytesOf, holds, text } from "../engine/target.js";
import { main } from "../engine/watch.js";

const KEY = { boot: "b", incarnation: "1" };
const STATE = {
  boot: "b",
  told: [{ devpath: "/devices/a", incarnation: "1", subsystem: "s", state: "MAJOR=7\0", name: "modem" }],
  allow: ["/devices", "usb=1:2,as=x"],
  deny: ["preset=base"],
  granted: [{ devpath: "/devices/a", incarnation: "1", words: { access: "rw", as: "y", mode: 0o660 } }],
  revoked: [{ devpath: "/devices/b", incarnation: "2" }],
} as const;

/** The file of a claim, whatever name it has: that is made of what is in it. */
function claim(json: string): void {
  const found = decodeClaim(fileOf(json), json);
  if (!found) return;
  holds(found.devpath.startsWith("/devices/"), "it claims no device");
  holds(/^[\w.-]{1,64}$/.test(found.holder), "its holder has no name");
  assert.deepEqual(decodeClaim(claimFileOf(found), encodeClaim(found)), found);
}

function fileOf(json: string): string {
  try {
    return claimFileOf({ ...KEY, ...(JSON.parse(json) as object) });
  } catch {
    return claimFileOf(KEY);
  }
}

/** With a digest that is right: what changes at random has a wrong one. */
function state(body: Uint8Array): void {
  const sum = createHash("sha256").update(Buffer.from(body).toString("utf8")).digest("hex");
  try {
    const found = decodeState(
      Buffer.concat([Buffer.from(`uevent-bridge state 1 ${sum}\n`), Buffer.from(Buffer.from(body).toString("utf8"))]),
    );
    assert.deepEqual(decodeState(encodeState(found)), found);
    holds(
      [...found.told, ...found.granted, ...found.revoked].every(({ devpath }) => devpath.startsWith("/devices/")),
      "a device is none",
    );
  } catch (error) {
    if (!(error instanceof BridgeError) && !(error instanceof RuleError)) throw error;
  }
  try {
    decodeState(body);
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
  }
}

function madeNote(note: string): void {
  const found = parseNote(note);
  if (!found) return;
  const lines = [...found.made].map(([name, inode]) => `${inode} ${encodeURIComponent(name)}\n`);
  const again = parseNote(`${formatIdentity(found.identity)} ${found.workshop}\n${lines.join("")}`);
  assert.deepEqual(again, found);
  assert.deepEqual(parseIdentity(formatIdentity(found.identity)), found.identity);
}

function lock(text: string): void {
  const { holder, note, about } = parseLock(text);
  holds(Number.isSafeInteger(holder), "its holder has no number");
  holds(!note.includes("\n") && (about === undefined || typeof about === "string"), "a note has two lines");
}

main({
  run(bytes) {
    const rest = bytes.subarray(1);
    const kind = (bytes[0] ?? 0) % 4;
    if (kind === 0) claim(Buffer.from(rest).toString("utf8"));
    else if (kind === 1) state(rest);
    else if (kind === 2) madeNote(text(rest));
    else lock(Buffer.from(rest).toString("utf8"));
  },
  seeds: () => [
    bytesOf(`\0${JSON.stringify({ ...KEY, devpath: "/devices/a", holder: "box", granted: { as: "x", mode: 438 } })}`),
    bytesOf(`\x01${JSON.stringify(STATE)}`),
    bytesOf("\x021 2 3 4 .uevent-bridge.0123\n17 tty%20USB0\n0 gone\n18 bus%2Fusb\n"),
    bytesOf('\x0312\non-new placed 40265\n"/run/x"\nswept\n'),
  ],
});
