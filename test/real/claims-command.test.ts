import { setTimeout as wait } from "node:timers/promises";

import { expect, test, vi } from "vitest";

import { Cli, newName, run } from "../cli.js";
import { needs } from "../needs.js";
import { randomFrom } from "./churn/random.js";
import { System } from "./inside/system.js";
import { withLoops } from "./loops.js";
import { Stack } from "./stack.js";

const ROUNDS = Number(process.env["CLAIM_ROUNDS"] ?? 1);
const SEED = Number(process.env["CLAIM_SEED"] ?? Date.now() % 1_000_000); // in the name: a run that failed can be repeated
const HANDING_OVER_MS = 1500; // from the start of the command
vi.setConfig({ testTimeout: 60_000 + 15_000 * ROUNDS });

const needed = needs("root", "loop devices");

/** A loop device, and commands that claim it, ended at the end of the test. */
class Stage implements AsyncDisposable {
  readonly #stack = new Stack();
  readonly device: string;

  constructor() {
    [this.device = ""] = this.#stack.use(withLoops(1)).devices;
  }

  /** Begins to attach a container that is to hold the device. */
  claim(name: string, wrapper: readonly string[] = [], ...options: readonly string[]): Cli {
    const args = ["attach", name, "--allow", `${this.device},exclusive`, ...options];
    return this.#stack.use(new Cli(args, { wrapper }));
  }

  async hold(name: string, ...options: readonly string[]): Promise<Cli> {
    const cli = this.claim(name, [], ...options);
    await cli.until("stderr", `${name}: `);
    return cli;
  }

  /** Somebody else is to hold it, and is told who does. */
  async expectHeldBy(holder: string): Promise<string> {
    const refused = this.claim(newName());
    expect([await refused.exit(), refused.stderr]).toEqual([1, expect.stringContaining(`alone: ${holder} has it`)]);
    return refused.stderr;
  }

  /** What one of the containers knows of it. */
  async explain(name: string): Promise<{ readonly reason: string; readonly holder?: string }> {
    const { stdout } = await run("explain", name, this.device, "--json");
    return JSON.parse(stdout) as { reason: string; holder?: string };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}

/** Resolves to "holds" once it is attached, or to what it ended with. */
function holding(cli: Cli, name: string): Promise<unknown> {
  return cli.until("stderr", `${name}: `).then(
    () => "holds",
    () => cli.exit(),
  );
}

async function kill(cli: Cli): Promise<void> {
  cli.process.kill("SIGKILL");
  await cli.exit();
}

test(
  "what one attach holds no other can, until it is ended on purpose: not while it is stopped, nor when it was killed",
  needed,
  async () => {
    await using stage = new Stage();
    const name = newName();
    const first = await stage.hold(name);
    await stage.expectHeldBy(name);
    first.process.kill("SIGSTOP");
    await stage.expectHeldBy(name); // at once: nobody waits for it
    first.process.kill("SIGCONT");
    await kill(first);
    expect(await stage.expectHeldBy(name)).toMatch(/remove \/run\/uevent-bridge\/\.claims\/[0-9a-f]{32}\.claim\./);
    const again = await stage.hold(name);
    expect(await stage.explain(name)).toMatchObject({ reason: "allowed", holder: name });
    await stage.expectHeldBy(name);
    expect(await again.interrupt()).toBe(0);
    const other = newName();
    await stage.hold(other);
    expect(await stage.explain(other)).toMatchObject({ reason: "allowed", holder: other });
  },
);

test(`of two that start at the same moment one has it, ${ROUNDS} times`, needed, async () => {
  for (let i = 0; i < ROUNDS; i++) {
    await using stage = new Stage();
    const names = [newName(), newName()];
    const both = names.map((name) => stage.claim(name));
    const ends = await Promise.all(both.map((cli, at) => holding(cli, names[at] ?? "")));
    expect(new Set(ends), both.map(({ stderr }) => stderr).join("")).toEqual(new Set([1, "holds"]));
    const loser = ends.indexOf(1);
    expect(both[loser]?.stderr).toContain(`alone: ${names[1 - loser]} has it`);
  }
});

test(
  `who is killed while a device is handed over has left it with one of the two, ${ROUNDS} times (seed ${SEED})`,
  needed,
  async () => {
    const random = randomFrom(SEED);
    for (let i = 0; i < ROUNDS; i++) {
      await using stage = new Stage();
      const [giver, taker] = [newName(), newName()];
      const giving = await stage.hold(giver);
      const taking = new Cli(["attach", taker, "--allow", "devname=none"]);
      await using _taking = taking;
      await taking.until("stderr", `${taker}: `);
      await using transfer = new Cli(["transfer", stage.device, taker, "--json"]);
      await wait(random() * HANDING_OVER_MS);
      await kill(giving);
      await transfer.exit();
      const again = stage.claim(giver);
      const end = await holding(again, giver);
      const said = [end, transfer.stderr, again.stderr].join();
      const holder = end === "holds" ? giver : taker;
      if (holder === taker) expect(again.stderr, said).toContain(`alone: ${taker} has it`);
      const allowed = { reason: "allowed", holder };
      await expect.poll(() => stage.explain(holder), { message: said, timeout: 10_000 }).toMatchObject(allowed);
      if (holder === taker) continue;
      expect(await stage.explain(taker), said).toMatchObject({ reason: "no-rule", holder });
    }
  },
);

test("a claim that finds no room is refused and said, and all else goes on", needed, async () => {
  await using stage = new Stage();
  const name = newName();
  const refused = stage.claim(name, FULL);
  expect([await refused.exit(), refused.stderr]).toEqual([
    1,
    expect.stringMatching(/\.claims cannot be written to: ENOSPC/),
  ]);
  await using shares = new Cli(["attach", name, "--allow", stage.device], { wrapper: FULL });
  await shares.until("stderr", `${name}: `);
  expect(await shares.interrupt()).toBe(0);
});

/** In a mount namespace in which there is no room for a claim. */
const FULL = [
  "unshare",
  "--mount",
  "sh",
  "-ec",
  `mkdir -p -m 711 /run/uevent-bridge
  mkdir -p -m 700 /run/uevent-bridge/.claims
  mount -t tmpfs -o size=64k,mode=700 none /run/uevent-bridge/.claims
  dd if=/dev/zero of=/run/uevent-bridge/.claims/full bs=64k count=1 status=none
  exec "$@"`,
  "sh",
];

test("a container cannot reach who holds what, from its own directory neither", needed, async () => {
  await using stage = new Stage();
  const name = newName();
  await using first = await System.start();
  await stage.hold(name, "--pid", `${first.pid}`);
  await using system = await System.start([{ source: `/run/uevent-bridge/${name}`, destination: "/run/uevent" }]);
  system.run("ln", "-s", "../.claims", "/run/uevent/x.sock");
  expect(system.run("sh", "-c", "ls -a /run/uevent/..; ls -a /run/uevent")).toContain("x.sock");
  const find =
    "find / '(' -name proc -o -name usr ')' -prune -o '(' -name '*.claim*' -o -name x.sock ')' -print 2>/dev/null || true";
  expect(system.run("sh", "-c", find)).toBe("/run/uevent/x.sock\n");
  expect(system.run("sh", "-c", "ls /run/uevent/x.sock/ 2>&1 || true")).toContain("No such file");
  system.run("rm", "/run/uevent/x.sock"); // what a container leaves there no relay removes
  await stage.expectHeldBy(name);
});
