import { expect, test } from "vitest";

import { LOOP0, LOOP1, disk, headers, openScene } from "./scene.js";

const PART = `${LOOP0}/loop0p1`;
const partition = { ...disk(1), properties: { ...disk(1).properties, DEVNAME: "loop0p1", DEVTYPE: "partition" } };

/** A scene with a partition, and a listener that has read what there was. */
async function begin(allow: readonly string[], deny: readonly string[] = []) {
  const scene = await openScene();
  scene.kernel.plug(PART, partition);
  const box = await scene.attach({ allow, deny });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  const told = async (): Promise<string[]> => {
    await scene.rest();
    return headers(listener.readAll());
  };
  return { scene, box, told };
}

test("what is granted is told with what is below, and so is what comes there", async () => {
  const { scene, box, told } = await begin([]);
  await using _ = scene;
  expect(await box.grant(LOOP0)).toEqual({ added: [LOOP0, PART], removed: [] });
  expect(await told()).toEqual([`add@${LOOP0}`, `add@${PART}`]);
  scene.kernel.plug(`${LOOP0}/loop0p2`, partition);
  scene.kernel.change(LOOP1);
  expect(await told()).toEqual([`add@${LOOP0}/loop0p2`]);
  expect(await box.explain(LOOP0)).toMatchObject({ reason: "allowed", rule: `grant ${LOOP0}`, picked: LOOP0 });
  expect(await box.explain(PART)).toMatchObject({ reason: "allowed", picked: LOOP0 });
});

test("what is denied stays hidden", async () => {
  const { scene, box, told } = await begin([], ["devname=loop0p1"]);
  await using _ = scene;
  await box.grant(LOOP0);
  expect(await told()).toEqual([`add@${LOOP0}`]);
  expect(await box.grant(PART)).toEqual({ added: [], removed: [] });
  expect(await box.explain(PART)).toMatchObject({ reason: "denied", rule: "devname=loop0p1" });
});

test("what is revoked is taken back with what is below, whatever the rules say, until it is granted", async () => {
  const { scene, box, told } = await begin(["subsystem=block"]);
  await using _ = scene;
  expect(await box.revoke(LOOP0)).toEqual({ added: [], removed: [LOOP0, PART] });
  expect(await told()).toEqual([`remove@${PART}`, `remove@${LOOP0}`]);
  await box.allow(LOOP0);
  await box.grant(PART); // it is below
  expect(await told()).toEqual([]);
  expect(await box.explain(PART)).toMatchObject({ reason: "denied", rule: `revoke ${LOOP0}`, picked: LOOP0 });
  await box.grant(LOOP0);
  expect(await told()).toEqual([`add@${LOOP0}`, `add@${PART}`]);
});

test.each(["grant", "revoke"] as const)("%s is of this device, and not of the next one there", async (word) => {
  const isGranted = word === "grant";
  const { scene, box, told } = await begin(isGranted ? [] : [LOOP0]);
  await using _ = scene;
  await box[word](LOOP0);
  await told();
  scene.kernel.unplug(PART);
  scene.kernel.unplug(LOOP0);
  await told();
  scene.kernel.plug(LOOP0, disk(0));
  expect(await told()).toEqual(isGranted ? [] : [`add@${LOOP0}`]);
});

test("what happens to a device is told where it alone was granted", async () => {
  const { scene, box, told } = await begin([]);
  await using _ = scene;
  await box.grant(PART);
  scene.kernel.change(PART);
  expect(await told()).toEqual([`add@${PART}`, `change@${PART}`]);
});

test("what happens to a device that alone was revoked is not told any more, also to a listener that has yet to hear so", async () => {
  const { scene, box } = await begin(["devname=loop0"]);
  await using _ = scene;
  const slow = scene.listen("slow.sock", { queue: 1 });
  await scene.rest();
  await box.revoke(PART);
  scene.kernel.change(PART);
  await scene.rest();
  const heard: Uint8Array[] = [];
  for (let bytes = slow.read(); bytes; bytes = slow.read()) {
    heard.push(bytes);
    await scene.rest();
  }
  expect(headers(heard)).toEqual([`add@${LOOP0}`, `add@${PART}`, `remove@${PART}`]);
});

test("a device may be named by its node, and it is said where there is none", async () => {
  const { scene, box } = await begin([]);
  await using _ = scene;
  expect(await box.grant("/dev/loop1")).toEqual({ added: [LOOP1], removed: [] });
  expect(await box.revoke(`/sys${LOOP1}`)).toEqual({ added: [], removed: [LOOP1] });
  for (const device of ["/dev/loop9", "/devices/nowhere", ""])
    await expect(box.grant(device)).rejects.toMatchObject({ code: "PATH_UNUSABLE" });
});

test("what was granted to a container is not granted to another, nor to the next one of its name", async () => {
  const { scene, box } = await begin([]);
  await using _ = scene;
  const other = await scene.attach({ name: "other" });
  await box.grant(LOOP0);
  expect(await other.devices()).toEqual([]);
  await box.detach();
  expect(await (await scene.attach()).devices()).toEqual([]);
});

test.each([
  ["a mode that is no permission bits", { mode: -1 }, "RULE_SYNTAX"],
  ["a mode with more than permission bits", { mode: 0o4755 }, "RULE_SYNTAX"],
  ["a mode as text", { mode: "0600" }, "RULE_SYNTAX"],
  ["an access that is none", { access: "x" }, "RULE_SYNTAX"],
  ["an owner that is nobody", { owner: { uid: -1, gid: 0 } }, "RULE_SYNTAX"],
  ["a name that leads elsewhere", { as: "../x" }, "RULE_SYNTAX"],
  ["an attribute that leads elsewhere", { sysfs: ["../x"] }, "RULE_SYNTAX"],
  ["one attribute that is no list", { sysfs: "queue" }, "RULE_SYNTAX"],
  ["a word that there is not", { colour: "red" }, "RULE_UNKNOWN_TERM"],
  ["what picks devices", { subsystem: "block" }, "RULE_SYNTAX"],
  ["required", { required: true }, "RULE_SYNTAX"],
  ["no words at all", null, "RULE_SYNTAX"],
])("a grant with %s is refused, and nothing has changed", async (_, words, code) => {
  await using scene = await openScene();
  const box = await scene.attach();
  const error = await box.grant(LOOP0, words as never).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "BridgeError", code, remedy: expect.stringMatching(/./) as string });
  expect(await box.explain(LOOP0)).toMatchObject({ reason: "no-rule" });
});

test("words of a grant on which nothing acts are said", async () => {
  await using scene = await openScene();
  const box = await scene.attach();
  const warnings: string[] = [];
  box.on("warning", ({ code, message }) => warnings.push(`${code} ${message}`));
  await box.grant(LOOP0, { mode: 0o600, access: "r", exclusive: true });
  await box.grant(LOOP1, { as: "disk" });
  await scene.rest();
  expect(warnings).toEqual([`POLICY_CONFLICT box: nothing acts yet on mode= access= of the rule grant ${LOOP0}`]);
});
