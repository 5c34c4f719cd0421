import { Router, compilePolicy, parseRule } from "@uevent-bridge/filter";
import type { CompiledRule, Facts } from "@uevent-bridge/filter";

import { recordedFacts } from "../harness/recorded-device.js";
import { assertCount, atLeast, atMost, ratio } from "../harness/result.js";
import type { Point, Result, Row, Scenario, Settings } from "../harness/result.js";
import { race } from "../harness/rounds.js";
import type { Contestant, Cost, Costs, Plan } from "../harness/rounds.js";
import { rulesOf } from "../harness/rules.js";
import type { Style } from "../harness/rules.js";

const DEVICES = 32;
const CONTAINERS = 1000; // of the row; the plot has more and fewer
const PASSES = 400; // some ms of work: the clock of processor time counts in µs

/** From a device to the containers that have a rule for it. */
export const route: Scenario = { name: "route", run };

async function run({ quick }: Settings): Promise<Result> {
  const devices = recordedFacts(DEVICES);
  const sizes = quick ? [10, CONTAINERS] : [10, 30, 100, 300, CONTAINERS, 3000, 10_000];
  const plan = { rounds: quick ? 3 : 25, warmUp: quick ? 1 : 5 };
  const paths = await measure("path rules", devices, sizes, plan);
  const kinds = await measure("kinds", devices, sizes, plan);
  return { rows: [paths.row(2), kinds.row(4)], points: [...paths.points, ...kinds.points] };
}

async function measure(style: Style, devices: readonly Facts[], sizes: readonly number[], plan: Plan) {
  const routers = sizes.map((size) => new Routed(rulesOf(size, style, devices), devices));
  const all = new Scanned(rulesOf(CONTAINERS, style, devices), devices);
  const found = new Routed(rulesOf(CONTAINERS, style, devices), devices).found();
  assertCount(`containers found by ${style}`, found, all.found());
  const [linear, ...costs] = await race([all, ...routers], plan);
  const at = (size: number): Costs => costs[sizes.indexOf(size)] as Costs; // each size was measured
  const most = Math.max(...sizes);
  return {
    points: sizes.map((x): Point => ({ series: style, x, y: at(x).cpu.median })),
    row: (growth: number): Row => ({
      work: `route, ${CONTAINERS} containers × 10 ${style}`,
      by: "cpu",
      ours: at(CONTAINERS),
      naive: linear,
      checks: [
        atLeast("× a linear scan", ratio(linear, at(CONTAINERS), "cpu"), 250),
        atMost(`× at 10 containers, at ${most}`, ratio(at(most), at(10), "cpu"), growth),
      ],
    }),
  };
}

type Rules = readonly (readonly string[])[]; // of each container

class Routed implements Contestant {
  readonly #router = new Router<number>();
  readonly #devices: readonly Facts[];

  constructor(rules: Rules, devices: readonly Facts[]) {
    this.#devices = devices;
    rules.forEach((own, container) => own.forEach((text) => this.#router.add("allow", parseRule(text), container)));
  }

  round(): Cost {
    return costEach(this.#devices, PASSES, (device) =>
      this.#router.picks(device).reduce((sum, { allow }) => sum + allow.size, 0),
    );
  }

  /** Containers of all devices. */
  found(): number {
    const of = (device: Facts) => new Set(this.#router.picks(device).flatMap(({ allow }) => [...allow.keys()]));
    return this.#devices.reduce((sum, device) => sum + of(device).size, 0);
  }
}

/** The package's own matcher, asked rule by rule. */
class Scanned implements Contestant {
  readonly #policies: readonly (readonly CompiledRule[])[];
  readonly #devices: readonly Facts[];

  constructor(rules: Rules, devices: readonly Facts[]) {
    this.#devices = devices;
    this.#policies = rules.map((own) => compilePolicy({ allow: own }).allow);
  }

  round(): Cost {
    return costEach(this.#devices, 1, (device) => this.#who(device));
  }

  found(): number {
    return this.#devices.reduce((sum, device) => sum + this.#who(device), 0);
  }

  #who(device: Facts): number {
    return this.#policies.reduce((sum, own) => sum + (own.some((rule) => rule.picks(device)) ? 1 : 0), 0);
  }
}

function costEach(devices: readonly Facts[], passes: number, work: (device: Facts) => number): Cost {
  const pieces = passes * devices.length;
  const cpu = process.cpuUsage();
  const clock = performance.now();
  for (let i = 0; i < passes; i++) for (const device of devices) work(device);
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: ((user + system) * 1000) / pieces, clock: ((performance.now() - clock) * 1e6) / pieces };
}
