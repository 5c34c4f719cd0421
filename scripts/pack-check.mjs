/**
 * What a user gets: packs each package, holds the tarballs to publint and are-the-types-wrong, installs them in an empty
 * folder with no compiler on PATH, and runs what is there on events of this machine. As root, after `npm run build`.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inTree, ROOT } from "./bootstrap/paths.mjs";
import { Consumer } from "./pack-check/consumer.mjs";
import { attachRelays, demoShows, monitorHears } from "./pack-check/live.mjs";
import { run } from "./pack-check/run.mjs";
import { withoutCompiler } from "./pack-check/without-compiler.mjs";

const count = { passed: 0, failed: 0 };

async function check(name, work) {
  try {
    await work();
    count.passed++;
    console.log(`passed: ${name}`);
  } catch (error) {
    count.failed++;
    console.log(`FAILED: ${name}\n${error.message}`);
  }
}

function pack(directory) {
  mkdirSync(directory);
  const packed = JSON.parse(
    run("npm", ["pack", "--workspaces", "--json", "--pack-destination", directory], { cwd: ROOT }),
  );
  return packed.map(({ name, filename }) => ({ name, path: join(directory, filename) }));
}

async function checkTarball({ name, path }) {
  await check(`${name}: publint`, () => run(inTree("node_modules/.bin/publint"), [path, "--strict"]));
  await check(`${name}: the types are right`, () =>
    run(inTree("node_modules/.bin/attw"), [path, "--profile", "esm-only"]),
  );
}

async function checkInstalled(consumer) {
  await check("no compiler is on PATH", () => consumer.lacks("cc", "gcc", "g++", "make"));
  await check("npm install compiles nothing that is needed", () => consumer.install());
  await check("import() and require() work", () => consumer.loads("uevent-bridge"));
  await check("the command says its version", () => consumer.command("--version"));
  await check("the agent is there and runs", () => consumer.runsAgent());
  await check("monitor hears a change of a device", () => monitorHears(consumer));
  await check("attach tells what is allowed and nothing else", () => attachRelays(consumer));
  await check("demo ends well", () => demoShows(consumer));
}

const place = mkdtempSync(join(tmpdir(), "uevent-bridge-pack-"));
try {
  const tarballs = pack(join(place, "tarballs"));
  for (const tarball of tarballs) await checkTarball(tarball);
  await checkInstalled(new Consumer(join(place, "consumer"), tarballs, withoutCompiler(join(place, "bin"))));
} finally {
  rmSync(place, { recursive: true, force: true });
}
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed === 0 ? 0 : 1;
