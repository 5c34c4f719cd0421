import { describeKernel } from "@uevent-bridge/kernel/contract";
import { makeFakeWorld } from "./fake-world.js";

describeKernel("FakeKernel", makeFakeWorld);
