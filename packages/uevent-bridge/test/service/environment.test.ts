import { expect, test } from "vitest";

import { takeServiceWords } from "../../src/service/environment.js";

const PID = 42;
const socket = "/run/systemd/notify";
const nothing = { watchdogMs: undefined, kept: new Map() };

test.each<readonly [string, NodeJS.ProcessEnv, ReturnType<typeof takeServiceWords>]>([
  ["nobody", {}, undefined],
  ["a socket by its path", { NOTIFY_SOCKET: socket }, { socket, ...nothing }],
  ["an abstract socket", { NOTIFY_SOCKET: "@name" }, { socket: "@name", ...nothing }],
  ["a socket of a kind that is not known", { NOTIFY_SOCKET: "vsock:2:1" }, undefined],
  ["an empty name", { NOTIFY_SOCKET: "@" }, undefined],
  ["a watchdog", { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "30000000" }, { socket, ...nothing, watchdogMs: 30_000 }],
  [
    "one for us",
    { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "1000", WATCHDOG_PID: "42" },
    { socket, ...nothing, watchdogMs: 1 },
  ],
  [
    "one for another process",
    { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "1000", WATCHDOG_PID: "1" },
    { socket, ...nothing },
  ],
  ["a watchdog that is no number", { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "soon" }, { socket, ...nothing }],
  [
    "descriptors",
    { NOTIFY_SOCKET: socket, LISTEN_PID: "42", LISTEN_FDS: "2", LISTEN_FDNAMES: "a:b" },
    {
      socket,
      ...nothing,
      kept: new Map([
        ["a", 3],
        ["b", 4],
      ]),
    },
  ],
  ["those of another process", { NOTIFY_SOCKET: socket, LISTEN_PID: "1", LISTEN_FDS: "2" }, { socket, ...nothing }],
])("who is told by the environment of %s", (_, env, words) => {
  expect(takeServiceWords({ ...env }, PID)).toEqual(words);
});

test("they are in the environment no more, whomever they are for", () => {
  const env = {
    NOTIFY_SOCKET: socket,
    WATCHDOG_USEC: "1",
    WATCHDOG_PID: "1",
    LISTEN_PID: "1",
    LISTEN_FDS: "1",
    LISTEN_FDNAMES: "a",
    HOME: "/",
  };
  takeServiceWords(env, PID);
  expect(env).toEqual({ HOME: "/" });
});
