import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";

/** An empty folder in which somebody installs the tarballs, and the programs that they have. */
export class Consumer {
  constructor(directory, tarballs, path) {
    this.path = path;
    this.options = { cwd: directory, env: { ...process.env, PATH: path } };
    const overrides = Object.fromEntries(tarballs.map((tarball) => [tarball.name, `file:${tarball.path}`]));
    const { "uevent-bridge": main, ...others } = overrides; // the others come in as its dependencies, optional ones too
    mkdirSync(directory);
    const manifest = { private: true, dependencies: { "uevent-bridge": main }, overrides: others };
    writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
  }

  lacks(...programs) {
    const found = programs.filter((program) => existsSync(join(this.path, program)));
    if (found.length > 0) throw new Error(`${found.join(", ")} can be run`);
  }

  install() {
    run("npm", ["install", "--no-audit", "--no-fund"], this.options);
  }

  loads(name) {
    const use = `typeof require(${JSON.stringify(name)}).openRelay`;
    const script = `import(${JSON.stringify(name)}).then((api) => console.log(typeof api.openRelay, ${use}))`;
    const printed = run("node", ["--eval", script], this.options);
    if (printed !== "function function\n") throw new Error(`openRelay is: ${printed}`);
  }

  /** A program of a package that says where it is. */
  runsAgent() {
    const script = `import("@uevent-bridge/agent").then(({ agentPath }) => console.log(agentPath()))`;
    const path = run("node", ["--eval", script], this.options).trim();
    run(path, ["--help"], this.options);
    const shim = this.command("print", "shim-path").trim();
    run("node", ["--version"], { ...this.options, env: { ...this.options.env, LD_PRELOAD: shim } });
  }

  get program() {
    return join(this.options.cwd, "node_modules/.bin/uevent-bridge");
  }

  command(...args) {
    return run(this.program, args, this.options);
  }
}
