import type { ContainerNode, Explanation } from "@uevent-bridge/relay";

import { whyOf } from "../command/why.js";
import { asSentence } from "./as-sentence.js";
import type { Paint } from "./colour.js";
import { columns } from "./columns.js";
import { letGoOn, stoodStill } from "./frozen.js";
import { printable } from "./printable.js";
import { usersText } from "./users.js";

type Row = readonly [what: string, text: string];

/** True if the container sees the device, and nothing is in the way of what it is to have of it. */
export function isWhole({ reason, channels }: Explanation): boolean {
  return reason === "allowed" && Object.values(channels).every((state) => typeof state === "string");
}

/** What a container sees of a device, for a human. */
export function explanationText(explanation: Explanation, name: string, paint: Paint): string {
  const isSeen = explanation.reason === "allowed";
  const { why, remedy } = whyOf(explanation, name);
  const rows: Row[] = [
    ["visible", `${isSeen ? "yes" : "no"}: ${why}`],
    ...(remedy === "" ? [] : [["", asSentence(remedy)] as const]),
    ...nodeRows(explanation),
    ...(explanation.holder === undefined ? [] : [["held by", explanation.holder] as const]),
    ...useRows(explanation),
    ...(explanation.frozen ? [["frozen", stoodStill(name)] as const, ["", asSentence(letGoOn(name))] as const] : []),
    ...(isSeen ? channelRows(explanation) : []),
  ];
  const lines = columns(rows.map((row) => row.map(printable))).map((line) => `  ${line.trimEnd()}\n`);
  return `${paint("bold", printable(explanation.devpath))}\n${lines.join("")}`;
}

function nodeRows({ node, channels }: Explanation): readonly Row[] {
  if (!node) return [];
  const isOurs = channels["dev"] !== undefined && channels["dev"] !== "off";
  const { path, links, access } = node;
  return [
    [
      "node",
      isOurs ? `${path}  ${numberText(node)}  ${modeText(node)}` : `${numberText(node)} (its /dev is its engine's)`,
    ],
    ...links.map((link) => ["link", link] as const),
    ...(channels["cgroup"] === undefined || channels["cgroup"] === "off" ? [] : [["rights", access] as const]),
  ];
}

/** As `ls -l` has it: `c 188:0`. */
export function numberText({ type, major, minor }: ContainerNode): string {
  return `${type === "char" ? "c" : "b"} ${major}:${minor}`;
}

function modeText({ mode, uid, gid }: ContainerNode): string {
  return `mode 0${mode.toString(8)}  owner ${uid}:${gid}`;
}

function useRows({ openBy }: Explanation): readonly Row[] {
  if (!openBy || (openBy.holders.length === 0 && !openBy.more)) return [];
  return [["used by", usersText(openBy)]];
}

function channelRows({ channels }: Explanation): readonly Row[] {
  const rows = Object.entries(channels).flatMap(([channel, state]): readonly Row[] => {
    if (typeof state === "string") return [[channel, channel === "cgroup" && state === "off" ? NOBODY : state]];
    return [
      [channel, `NOT AS IT SHOULD BE: ${state.problem}`],
      ["", asSentence(state.remedy)],
    ];
  });
  return channels["cgroup"] === undefined ? [...rows, ["cgroup", NOT_LOOKED_AT]] : rows;
}

const NOBODY = "off: nobody refuses it there";
const NOT_LOOKED_AT = "not looked at: that takes root, and a process of the container (attach --pid)";
