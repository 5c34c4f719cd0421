import { expect, test } from "vitest";

import { agent } from "./program.js";

test.each([
  [["hotplug"], 2, "no program is given"],
  [["hotplug", "--jobs", "0", "true"], 2, "no number"],
  [["hotplug", "--jobs", "65", "true"], 2, "no number"],
  [["hotplug", "--timeout", "99999999999999999999", "true"], 2, "no number"],
  [["hotplug", "--name", "a/b", "true"], 2, "a name has"],
  [["hotplug", "--name", "a.msgpack", "true"], 2, "a name has"],
  [["hotplug", "--name"], 2, "a value is missing"],
  [["hotplug", "--colour", "red", "true"], 2, "there is no option --colour"],
  [["pipe", "--jobs", "1"], 2, "there is no option --jobs"],
  [["inject", "--dir", "/tmp", "x"], 2, "nothing is wanted but options"],
  [["hotplug", "uevent-bridge-nonexistent"], 1, "/usr/sbin"],
  [["hotplug", "/etc/passwd"], 1, "cannot run /etc/passwd"],
  [["hotplug", "--dir", "/nonexistent", "true"], 1, "the directory of /nonexistent/agent.sock"],
  [["hotplug", "--dir", `/tmp/${"x".repeat(100)}`, "true"], 1, "107 bytes"],
  [["\u009b2J"], 2, "there is no command ?2J"], // U+009B is CSI: some terminals obey it
  [["nonsense"], 2, "there is no command nonsense"],
  [[], 2, "there is no command"],
])("%j is refused with a reason", (words, status, reason) => {
  const result = agent(...words);
  expect(result.status).toBe(status);
  expect(result.stderr).toContain(reason);
});
