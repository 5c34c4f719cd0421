import { readFileSync } from "node:fs";

import { markdownTable } from "markdown-table";
import { format } from "prettier";

import type { Machine } from "../harness/machine.js";
import { inTree } from "../harness/places.js";
import type { Delivered } from "../harness/result.js";
import { three, time } from "./numbers.js";

const HEAD = ["way", "containers", "latency p50", "p99", "relay, for an event", "for each container", "× a socket"];

/** What each way costs, and how that grows. */
export function deliveryTable(deliveries: readonly Delivered[]): string {
  const lines = deliveries.map((each) => line(each, socketOf(each, deliveries)));
  return markdownTable([HEAD, ...lines], { align: ["l", "r", "r", "r", "r", "r", "r"] });
}

/** docs/delivery.md, as prettier wants it: the words of bench/report/delivery.md, and the figures where they say so. */
export function deliveryPage(machine: Machine, deliveries: readonly Delivered[]): Promise<string> {
  const { processor, processors, kernel, node, date, load, ueventSockets } = machine;
  const figures = `Linux ${kernel}, Node ${node}, ${processors} processors (${processor}), ${date}. Load of the machine before the run: ${load}. Other sockets that listen to uevents: ${ueventSockets}.

${deliveryTable(deliveries)}`;
  const text = readFileSync(inTree("bench/report/delivery.md"), "utf8").replace("<!-- figures -->", () => figures);
  return format(text, { parser: "markdown", printWidth: 120 });
}

function line({ work, containers, p50, p99, cpu }: Delivered, socket: Delivered | undefined): string[] {
  const times = socket ? three(cpu.median / socket.cpu.median) : "";
  const each = time(cpu.median / containers);
  return [work, `${containers}`, time(p50.median), time(p99.median), time(cpu.median), each, times];
}

/** The first one of as many containers, with which others are compared. */
function socketOf({ containers }: Delivered, deliveries: readonly Delivered[]): Delivered | undefined {
  return deliveries.find((each) => each.containers === containers);
}
