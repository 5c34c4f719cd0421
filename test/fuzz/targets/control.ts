import assert from "node:assert/strict";
import {
  errorReply,
  isOnOpen,
  isTimeout,
  parseReply,
  parseRequest,
} from "../../../packages/uevent-bridge/src/control/protocol.js";
import type { Request } from "../../../packages/uevent-bridge/src/control/protocol.js";
import { jsonLine } from "../../../packages/uevent-bridge/src/text/json.js";
import { holds } from "../engine/target.js";
import { main } from "../engine/watch.js";

const RULES_MAX = 256;
const TIMER_MAX = 2 ** 31 - 1;

/** Each field has the type that the rest of the relay relies on. */
function checkRequest(request: Request): void {
  const texts = Object.entries(request).filter(([, value]) => typeof value === "object");
  holds(request.type === "trigger" ? texts.length === 1 : texts.length === 0, "a field is an object");
  if (request.type === "trigger")
    holds(
      request.rules.length <= RULES_MAX && request.rules.every((rule) => typeof rule === "string"),
      "a rule is none",
    );
  if (request.type === "wait") holds(isTime(request.timeoutMs) && typeof request.rule === "string", "a wait is none");
  if (request.type === "transfer")
    holds(isTime(request.graceMs) && typeof request.to === "string", "a transfer is none");
  if (request.type === "grant") holds(typeof request.words === "string", "words are none");
  if (request.type === "revoke") holds(request.open === undefined || isOnOpen(request.open), "what is open is none");
  if ("device" in request) holds(typeof request.device === "string", "a device is none");
  if ("name" in request) holds(typeof request.name === "string", "a name is none");
}

function isTime(ms: number): boolean {
  return isTimeout(ms) && ms >= 0 && ms <= TIMER_MAX;
}

main({
  run(bytes) {
    const line = Buffer.from(bytes).toString("utf8");
    const request = parseRequest(line);
    if (request) {
      checkRequest(request);
      assert.deepEqual(parseRequest(JSON.stringify(request)), request);
    }
    const reply = parseReply(line);
    if (reply) {
      const said = jsonLine(reply);
      holds(
        !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u.test(said.slice(0, -1)) && said.endsWith("\n"),
        "a control character reaches a terminal",
      );
      assert.deepEqual(JSON.parse(said), JSON.parse(JSON.stringify(reply)));
    }
    errorReply(new Error(line));
  },
  seeds: () =>
    [
      { type: "trigger", rules: ["/devices", "usb=1:2"] },
      { type: "trigger", rules: Array.from({ length: RULES_MAX }, () => "") },
      { type: "trigger", rules: Array.from({ length: RULES_MAX + 1 }, () => "") },
      { type: "wait", rule: "/dev/x", removed: false, timeoutMs: TIMER_MAX },
      { type: "wait", rule: "/dev/x", removed: true, timeoutMs: TIMER_MAX + 1 },
      { type: "grant", device: "/devices/x", words: "as=y" },
      { type: "revoke", device: "x", name: "y", open: "freeze" },
      { type: "transfer", device: "x", to: "b", graceMs: 0.5 },
      { type: "explain", device: "x\u009b\u202e\ud800" },
      { type: "tree" },
      { type: "thaw" },
      { type: "error", code: "CLOSED", message: "\u001b[2J", remedy: "" },
    ].map((each) => Uint8Array.from(Buffer.from(JSON.stringify(each)))),
});
