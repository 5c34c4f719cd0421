import { setImmediate } from "node:timers/promises";

import { expand } from "@uevent-bridge/filter";
import type { Container, Device, Policy } from "@uevent-bridge/relay";
import { Command } from "commander";

import { CommandError, STATUS } from "../command/error.js";
import type { Status } from "../command/error.js";
import type { Io } from "../command/io.js";
import { checkNoneAlone, checkedRules, collect, policyOf } from "../command/rules.js";
import { openRelayFor } from "../command/relay.js";
import { sentence } from "../command/failure.js";
import { whatThereIs } from "../match/what-there-is.js";
import type { Define } from "../command/run.js";
import { formatRule, parseRule } from "../rules.js";
import { columns } from "../text/columns.js";
import { jsonLine } from "../text/json.js";
import { printable } from "../text/printable.js";

interface Options {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly show?: string;
  readonly json?: boolean;
}

/** A device that the policy lets in, and why. */
interface Match {
  readonly device: Device;
  readonly rule: string;
  /** The devpath at which the rule picked: the device's own, or one above it. */
  readonly picked: string;
}

/** `match`: which devices of this machine a policy picks and covers. */
export const match: Define = (io, exit) =>
  new Command("match")
    .description("which devices of this machine a policy picks and covers; 1 when none")
    .option("--allow <rule>", "what may be seen; may be repeated", collect, [])
    .option("--deny <rule>", "what may not, although it is allowed; may be repeated", collect, [])
    .option("--show <preset>", "the rules of a preset, such as preset=base")
    .option("--json", "one object for each line")
    .allowExcessArguments()
    .action(async (options: Options, { args }: Command) => {
      checkNoneAlone(args);
      exit(options.show === undefined ? await printMatches(options, io) : await printPreset(options.show, options, io));
    });

async function printPreset(text: string, { json }: Options, io: Io): Promise<Status> {
  checkedRules([text]);
  const given = parseRule(text);
  if (given.preset === undefined) throw new CommandError(STATUS.words, `not a preset: ${text}`, "Write preset=NAME.");
  for (const rule of expand(given).map(formatRule))
    await io.stdout.write(json ? jsonLine({ type: "rule", rule }) : `${printable(rule)}\n`);
  return STATUS.done;
}

async function printMatches(options: Options, io: Io): Promise<Status> {
  const { matches, subsystems } = await find(policyOf(options), io);
  const print = options.json ? matches.map(asJson) : asTable(matches);
  for (const line of print) await io.stdout.write(line);
  if (matches.length > 0) return STATUS.done;
  await io.stderr.write(sentence("no device of this machine is let in", whatThereIs(options.allow, subsystems)));
  return STATUS.world;
}

/** What the policy lets in, and the subsystems of all devices. */
async function find(policy: Policy, io: Io): Promise<{ matches: Match[]; subsystems: ReadonlySet<string> }> {
  await using relay = await openRelayFor(io);
  const deliver = { socket: false, netlink: "off" } as const; // nobody is told: only the decisions are asked for
  const container = await relay.attach({ ...policy, name: "match", deliver });
  const devices = await relay.devices(policy);
  await setImmediate(); // warnings about the rules come on a turn of their own
  const inOrder = devices.toSorted((a, b) => BY_NUMBER.compare(a.devpath, b.devpath));
  return {
    matches: await Promise.all(inOrder.map((device) => matchOf(device, container))),
    subsystems: new Set((await relay.devices()).map(({ subsystem }) => subsystem)),
  };
}

const BY_NUMBER = new Intl.Collator("en", { numeric: true }); // loop2 before loop10, parents before children

async function matchOf(device: Device, container: Container): Promise<Match> {
  const { rule = "", picked = device.devpath } = await container.explain(device.devpath);
  return { device, rule, picked };
}

function asTable(matches: readonly Match[]): string[] {
  const rows = matches.map(({ device, rule, picked }) => {
    const why = picked === device.devpath ? rule : `${rule}  (at ${picked})`;
    return [device.devpath, device.devname ?? "", why].map(printable);
  });
  return columns(rows).map((line) => `${line}\n`);
}

function asJson({ device, rule, picked }: Match): string {
  const { devpath, subsystem, devname } = device;
  return jsonLine({ type: "device", devpath, subsystem, devname, rule, picked });
}
