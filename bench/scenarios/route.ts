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
const PASSES = 400; // some ms of work: the clock of processor time counts in µs

/** From a device to the containers that have a rule for it. */
export const route: Scenario = { name: "route", run };

async function run({ quick }: Settings): Promise<Result> {
  const devices = recordedFacts(DEVICES);
  const [row, sizes] = quick ? [100, [10, 100]] : [1000, [10, 30, 100, 300, 1000, 3000, 10_000]];
  const plan = { rounds: quick ? 3 : 25, warmUp: quick ? 1 : 5 };
  const paths = await measure({ style: "path rules", devices, sizes, row, plan });
  const kinds = await measure({ style: "kinds", devices, sizes, row, plan });
  return { rows: [paths.row(2), kinds.row(4)], points: [...paths.points, ...kinds.points] };
}

interface Field {
  readonly style: Style;
  readonly devices: readonly Facts[];
  /** Numbers of containers. */
  readonly sizes: readonly number[];
  /** The one that the table shows. */
  readonly row: number;
  readonly plan: Plan;
}

async function measure({ style, devices, sizes, row, plan }: Field) {
  const routers = sizes.map((size) => new Routed(rulesOf(size, style, devices), devices));
  const all = new Scanned(rulesOf(row, style, devices), devices);
  const found = new Routed(rulesOf(row, style, devices), devices).found();
  assertCount(`containers found by ${style}`, found, all.found());
  const [linear, ...costs] = await race([all, ...routers], plan);
  const at = (size: number): Costs => costs[sizes.indexOf(size)] as Costs; // each size was measured
  const most = Math.max(...sizes);
  return {
    points: sizes.map((x): Point => ({ series: style, x, y: at(x).cpu.median })),
    row: (growth: number): Row => ({
      work: `route, ${row} containers × 10 ${style}`,
      by: "cpu",
      ours: at(row),
      naive: linear,
      checks: [
        atLeast("× a linear scan", ratio(linear, at(row), "cpu"), 250),
        atMost(`${most} / 10 containers`, ratio(at(most), at(10), "cpu"), growth),
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
