import { expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";
import { KernelError } from "../../errors.js";
import type { Helper } from "../../helper.js";
import type { TargetRef } from "../../target.js";
import { stage } from "./lines.js";
import { open, start } from "./targets.js";
import { need, until } from "./tools.js";
import type { TestContainer, World } from "./world.js";

const MISSING = "/no/such/program";

/** The promises of `Helper`. */
export function helperCases(world: () => World): void {
  test("the program is run for each event, in order for a device, with the subsystem", async (context) => {
    const { box, program } = await boxWithProgram(context, world());
    const helper = await openHelper(world(), { pid: box.pid }, program);
    const sender = world().kernel.openSender();
    for (const action of ["add", "change", "remove"]) say(sender, helper, action);
    expect(sender.flush()).toEqual([]);
    const notes = need(context, box.helper);
    await until(async () => (await notes.ran()).length >= 3, "it ran three times");
    expect(await notes.ran()).toEqual(["add", "change", "remove"].map((action) => `${action}@/devices/virtual/a/b a`));
  });

  test("it ends when it is closed, and takes nothing any more", async (context) => {
    const { box, program } = await boxWithProgram(context, world());
    const helper = await openHelper(world(), { pid: box.pid }, program);
    let ended = false;
    void helper.ended.then(() => (ended = true));
    await world().settle();
    expect(ended).toBe(false);
    helper.close();
    helper.close();
    await helper.ended;
    const sender = world().kernel.openSender();
    say(sender, helper, "add");
    expect(sender.flush()).toMatchObject([{ peer: helper, outcome: "gone" }]);
  });

  test("a program that is not there is an error", async (context) => {
    const { box } = await boxWithProgram(context, world());
    await expect(openHelper(world(), { pid: box.pid }, MISSING)).rejects.toSatisfy(isError("PATH_UNUSABLE"));
  });

  test("where only a path of its network namespace is known, nothing is run", async (context) => {
    const { box, program } = await boxWithProgram(context, world());
    await expect(openHelper(world(), { netns: box.path }, program)).rejects.toSatisfy(isError("TARGET_GONE"));
  });

  test("nothing is run with the rights of the host", async (context) => {
    const box = await start(context, world(), "initial");
    const { program } = need(context, box.helper);
    await expect(openHelper(world(), { pid: box.pid }, program)).rejects.toSatisfy(isError("TARGET_SHARES_HOST"));
  });
}

async function boxWithProgram(context: TestContext, world: World): Promise<{ box: TestContainer; program: string }> {
  const box = await start(context, world, "own");
  return { box, program: need(context, box.helper).program };
}

async function openHelper({ kernel }: World, ref: TargetRef, program: string): Promise<Helper> {
  const helper = await open(kernel, ref).openHelper({ program, onTrouble: () => {} });
  onTestFinished(() => helper.close());
  return helper;
}

function say(sender: ReturnType<World["kernel"]["openSender"]>, helper: Helper, action: string): void {
  const devpath = "/devices/virtual/a/b";
  stage(sender, `${action}@${devpath}\0ACTION=${action}\0DEVPATH=${devpath}\0SUBSYSTEM=a\0SEQNUM=`);
  sender.push(helper, 1);
}

function isError(code: string): (error: unknown) => boolean {
  return (error) => error instanceof KernelError && error.code === code && error.remedy !== "";
}
