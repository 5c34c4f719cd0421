import { isMalformed, toUevent } from "@uevent-bridge/uevent";
import type { Explanation } from "@uevent-bridge/relay";
import type { Branch } from "../../../packages/uevent-bridge/src/control/protocol.js";
import { explanationText, isWhole } from "../../../packages/uevent-bridge/src/text/explanation.js";
import { messageJson, messageText } from "../../../packages/uevent-bridge/src/text/message.js";
import { treeText } from "../../../packages/uevent-bridge/src/text/tree.js";
import { usersText } from "../../../packages/uevent-bridge/src/text/users.js";
import { recorded } from "../engine/recorded.js";
import { bytesOf, holds, text } from "../engine/target.js";
import { main } from "../engine/watch.js";

const plain = (_: string, said: string): string => said;
const PARTS = 12;

/** What is printed may end lines, and nothing else may steer a terminal. */
function check(printed: string): void {
  holds(
    !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u.test(printed.replaceAll("\n", "")),
    "a control character reaches a terminal",
  );
}

function event(bytes: Uint8Array): void {
  const told = toUevent(bytes);
  if (isMalformed(told)) return;
  const lines = messageText(told, new Date(0), { paint: plain, properties: true, source: "udev" });
  check(lines);
  holds(lines.split("\n").length === told.env.size + 2, "a value ends a line");
  const json = messageJson(told, "kernel");
  check(json);
  holds(json.indexOf("\n") === json.length - 1, "JSON has more than a line");
  JSON.parse(json);
}

/** An explanation whose texts are these: of device names, of links, of what programs call themselves. */
function explanation(parts: readonly string[]): Explanation {
  const [devpath = "", rule = "", path = "", link = "", comm = "", place = "", problem = "", remedy = "", holder = ""] =
    parts;
  const node = { type: "char", major: 1, minor: 3, path, links: [link], mode: 0o660, uid: 0, gid: 0, access: "rw" };
  const openBy = { holders: [{ pid: 1, comm, how: "open", place }], more: true };
  const reason = parts.length % 2 === 0 ? "allowed" : "denied";
  return {
    devpath,
    reason,
    rule,
    picked: devpath,
    node,
    holder,
    openBy,
    frozen: true,
    channels: { dev: { problem, remedy }, cgroup: "off" },
  } as unknown as Explanation;
}

function branches(parts: readonly string[]): readonly Branch[] {
  return parts.map((devpath, i) => ({
    devpath: `/${i}${devpath}`,
    subsystem: devpath,
    ...(i % 3 !== 0 && { parent: `/${i - 1}${parts[i - 1]}` }),
    ...(i % 2 === 0 && { problem: devpath, rule: devpath }),
  }));
}

main({
  run(bytes) {
    event(bytes);
    const parts = Buffer.from(bytes).toString("utf8").split("\0").slice(0, PARTS);
    const explained = explanation([...parts, text(bytes)]);
    check(explanationText(explained, "box", plain));
    isWhole(explained);
    if (explained.openBy) check(usersText(explained.openBy));
    check(treeText(branches(parts)));
  },
  seeds: () => [
    ...recorded(1).filter((_, i) => i % 20 === 0),
    ..."\0\x1b\x7f\x80\x9b\xff"
      .split("")
      .map((byte) =>
        bytesOf(`add@/devices/${byte}\0ACTION=add\0DEVPATH=/devices/${byte}\0SUBSYSTEM=a${byte}\0DEVNAME=${byte}\0`),
      ),
    Uint8Array.from(Buffer.from("\u202e\0\u2028\0\u2029\0\u200f\0a\u0085b")),
  ],
});
