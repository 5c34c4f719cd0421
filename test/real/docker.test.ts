import { afterAll, beforeAll, describe, test, vi } from "vitest";

import { Docker } from "./view/docker.js";
import { giveAndTakeADisk, neededFor } from "./view/late-disk.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }); // a daemon starts slowly on a machine that is busy

describe("a container of Docker that runs already", neededFor(Docker), () => {
  let docker: Docker;
  beforeAll(async () => {
    docker = await Docker.start();
  });
  afterAll(() => docker[Symbol.asyncDispose]());

  test.each([
    ["without a user namespace", false],
    ["with a user namespace", true],
  ])("gets a disk, uses it and loses it, and opens its other devices throughout, %s", (_, isUser) =>
    giveAndTakeADisk(docker, isUser),
  );
});
