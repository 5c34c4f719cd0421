import { spawn } from "node:child_process";

/** Runs a program to its end. Resolves with what it wrote, and its status. */
export function runProgram(file, args, { input = "", env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"])
      child[name].setEncoding("latin1").on("data", (part) => (texts[name] += part));
    child.once("error", reject).once("close", (status) => resolve({ ...texts, status }));
    child.stdin.on("error", () => undefined).end(input);
  });
}
