import { isBuiltin } from "node:module";
import { join } from "node:path";
import type { Import, Package } from "./packages.js";

const SCOPE = "@uevent-bridge/";

/** Whom each package may know. An arrow that is missing here is a decision that somebody has to make. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "@uevent-bridge/uevent": [],
  "@uevent-bridge/filter": ["uevent"],
  "@uevent-bridge/kernel": [],
  "@uevent-bridge/linux": ["kernel"],
  "@uevent-bridge/view": ["kernel"],
  "@uevent-bridge/relay": ["filter", "kernel", "uevent", "view"],
  "@uevent-bridge/listener": ["uevent"],
  "@uevent-bridge/agent": [],
  "uevent-bridge": ["agent", "filter", "kernel", "linux", "listener", "relay", "uevent"],
};

/** They run in any JavaScript runtime. */
const PURE = ["@uevent-bridge/uevent", "@uevent-bridge/filter"];

/** What is wrong with a package's arrows, as sentences. */
export function faultsOf(subject: Package): readonly string[] {
  const allowed = ARROWS[subject.name]?.map((name) => SCOPE + name);
  if (allowed === undefined) return [`test/arrows.ts says nothing about ${subject.name}`];
  const isForbidden = (name: string): boolean =>
    name.startsWith(SCOPE) && !allowed.includes(name) && name !== subject.name;
  return [
    ...subject.dependencies.filter(isForbidden).map((name) => `package.json: must not depend on ${name}`),
    ...subject.imports.flatMap((found) =>
      faultOf(subject, found, isForbidden).map((fault) => `${found.file}: ${fault}`),
    ),
  ];
}

function faultOf(subject: Package, { file, specifier }: Import, isForbidden: (name: string) => boolean): string[] {
  if (specifier.startsWith(".")) return leavesSource(file, specifier) ? [`${specifier} leads out of src`] : [];
  if (isBuiltin(specifier)) return PURE.includes(subject.name) ? [`a pure package must not import ${specifier}`] : [];
  const name = packageOf(specifier);
  if (isForbidden(name)) return [`must not know ${name}`];
  return subject.dependencies.includes(name) ? [] : [`${name} is not among the dependencies`];
}

/** `packages/a/src/x/y.ts` may reach what is below `packages/a/src`. */
function leavesSource(file: string, specifier: string): boolean {
  const [root, directory] = file.split("/");
  return !join(file, "..", specifier).startsWith(join(root ?? "", directory ?? "", "src/"));
}

function packageOf(specifier: string): string {
  const [first = "", second = ""] = specifier.split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}
