import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { needs } from "../../../../test/needs.js";
import { readPage } from "../../../../test/docs.js";

const UNIT = new URL("../../systemd/uevent-bridge@.service", import.meta.url).pathname;

test("the unit is in the tarball", () => {
  const { files } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    readonly files: readonly string[];
  };
  expect(files).toContain("systemd");
});

test("docs/service.md says how much `systemd-analyze security` finds exposed", needs("debian package systemd"), () => {
  const found = execFileSync("systemd-analyze", ["security", "--offline=true", "--no-pager", UNIT], {
    encoding: "utf8",
  });
  const [, level] = /exposure level for \S+: ([\d.]+)/.exec(found) ?? [];
  expect(readPage("docs/service.md").text).toContain(`\`systemd-analyze security\` gives the unit ${level}:`);
});
