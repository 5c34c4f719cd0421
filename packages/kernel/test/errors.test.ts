import { KernelError } from "@uevent-bridge/kernel";
import { expect, test } from "vitest";

test("a kernel error keeps its code, its remedy and its cause", () => {
  const cause = new Error("EPERM");
  const error = new KernelError("NO_PRIVILEGE", "may not listen", "run as root", { cause });
  expect(error).toMatchObject({ name: "KernelError", code: "NO_PRIVILEGE", remedy: "run as root", cause });
});
