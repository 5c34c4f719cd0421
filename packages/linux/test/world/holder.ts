// Does steps to a source or a directory, and ends with 0 if nothing holds the process, with 42 if something does.
import { openLinux } from "@uevent-bridge/linux";

interface Task {
  readonly steps: readonly ("open" | "resume" | "pause" | "ref" | "unref" | "close")[];
  readonly directory?: { readonly path: string; readonly uid: number; readonly gid: number };
  /** Until it is killed. */
  readonly stay?: boolean;
}

const { steps, directory, stay } = JSON.parse(process.argv[2] ?? "") as Task;
const kernel = openLinux();

if (directory) {
  const opened = kernel.openDirectory(directory.path, directory);
  for (const step of steps) if (step !== "open" && step !== "resume" && step !== "pause") opened[step]();
} else {
  const source = kernel.openSource({ group: "kernel", onBatch: () => {} });
  for (const step of steps) if (step !== "open") source[step]();
}
if (stay) console.log("done");
else setTimeout(() => process.exit(42), 30).unref(); // it comes to this only if something else keeps the event loop going
