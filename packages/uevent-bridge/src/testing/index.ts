export * from "@uevent-bridge/kernel/testing";
