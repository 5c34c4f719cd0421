import assert from "node:assert/strict";
import {
  MAX_RULE_LENGTH,
  Router,
  RuleError,
  checkRule,
  compilePolicy,
  expand,
  explain,
  formatRule,
  literal,
  parseRule,
} from "@uevent-bridge/filter";
import type { Facts, Rule } from "@uevent-bridge/filter";
import { picks as plainlyPicks } from "../../../packages/filter/test/plain/picks.js";
import { bytesOf, holds, text } from "../engine/target.js";
import { main } from "../engine/watch.js";

const STARS_MAX = 6;
const PROPERTIES = new Map([
  ["DEVNAME", "ttyUSB0"],
  ["MAJOR", "188"],
]);
const ATTRIBUTES = new Map([
  ["idVendor", "0403"],
  ["idProduct", "6001"],
  ["serial", "A6008isP"],
]);

function device(serial = "A6008isP"): Facts {
  const above: Facts = {
    devpath: "/devices/pci0000:00/0000:00:14.0/usb1/1-1",
    subsystem: "usb",
    parent: undefined,
    property: (key) => (key === "DEVTYPE" ? "usb_device" : key === "DRIVER" ? "usb" : undefined),
    attribute: (name) => (name === "serial" ? serial : ATTRIBUTES.get(name)),
    links: [],
    tags: [],
  };
  return {
    devpath: `${above.devpath}/1-1:1.0/ttyUSB0/tty/ttyUSB0`,
    subsystem: "tty",
    parent: above,
    property: (key) => PROPERTIES.get(key),
    attribute: (name) => (name === "serial" ? serial : undefined),
    links: ["/dev/serial/by-id/usb-x"],
    tags: ["seat"],
  };
}

/** The rule of a text, or the error that points at a place in it. */
function parsed(rule: string): Rule | undefined {
  try {
    return parseRule(rule);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const { at, rule: said } = error;
    holds(at !== undefined && said === rule, "it does not say where");
    holds(at.offset >= 0 && at.length >= 0 && at.offset + at.length <= rule.length, "it points beside the rule");
    return undefined;
  }
}

function roundTrip(rule: Rule): void {
  const written = formatRule(rule);
  if (written.length <= MAX_RULE_LENGTH) assert.deepEqual(parseRule(written), rule);
  assert.deepEqual(checkRule(rule), rule);
}

/** The router and the rule by itself find what the plain matcher finds. */
function decide(rule: Rule): void {
  const policy = compilePolicy({ allow: [rule] });
  const router = new Router<string>();
  for (const each of policy.allow) router.add("allow", each.rule, "x", each.text);
  const facts = device();
  const isPicked = policy.allow.some((each) => each.picks(facts));
  assert.equal([...router.picks(facts)].length > 0, isPicked, "router and rule do not agree");
  holds(!isPicked || explain(facts, policy).reason === "allowed", "what is picked is not allowed");
  const stars = policy.allow.map((each) => each.text.split("*").length);
  if (Math.max(...stars) > STARS_MAX) return; // it would take the plain matcher for ever
  assert.equal(
    policy.allow.some((each) => plainlyPicks(each.rule, facts)),
    isPicked,
    "rule and plain matcher do not agree",
  );
}

/** The pattern of a value from outside matches that value, and as a rule it can be written and read. */
function quote(value: string): void {
  const rule = { attr: { serial: literal(value) } };
  const policy = compilePolicy({ allow: [rule] });
  holds(explain(device(value), policy).reason === "allowed", "a literal does not match its value");
  holds(value === "A6008isP" || explain(device(), policy).reason === "no-rule", "a literal matches another value");
  const written = formatRule(rule);
  if (written.length <= MAX_RULE_LENGTH) assert.deepEqual(parseRule(written), rule);
}

main({
  run(bytes) {
    const isValue = bytes[0] === 0;
    const rule = isValue ? text(bytes.subarray(1)) : Buffer.from(bytes).toString("utf8");
    if (isValue) {
      if (!rule.includes("\0") && rule.length < MAX_RULE_LENGTH / 3) quote(rule);
      return;
    }
    const found = parsed(rule);
    if (!found) return;
    holds(rule.length <= MAX_RULE_LENGTH, "it is too long");
    roundTrip(found);
    if (found.preset !== undefined) expand(found);
    decide(found);
  },
  seeds: () =>
    [
      "/dev/ttyUSB*",
      "usb=0403:6001:A6*,as=modem,mode=0660,owner=0:20,access=rw",
      "port=1-1.3,subsystem=tty|net",
      "preset=base,exclusive,required",
      "attr:idVendor=0403,env:ID_X=y\\,z,tag=seat,sysfs=power/control",
      "/devices/pci0000:00/**/usb[0-9]/1-?",
      "devlink=serial/by-id/*,driver=ftdi_sio,pci=8086:*,devtype=disk,sysname=sd[!a]",
      `devname=${"x".repeat(MAX_RULE_LENGTH - "devname=".length)}`,
      `devname=${"x".repeat(MAX_RULE_LENGTH + 1 - "devname=".length)}`,
      "\0 a,b|*?[x]\\ env:=",
      "\0a usb=1",
    ].map(bytesOf),
  longest: MAX_RULE_LENGTH + 64,
});
