export { describeKernel } from "./suite.js";
export type { Part, SuiteOptions } from "./suite.js";
export type { MakeWorld } from "./tools.js";
export type {
  Ability,
  Awaitable,
  Containers,
  Events,
  Holds,
  KnownDevices,
  Missing,
  Plug,
  Step,
  TestCgroup,
  TestContainer,
  TestDev,
  TestDirectory,
  TestFolder,
  TestListener,
  TestReader,
  TestSys,
  TestUse,
  TestUses,
  World,
  WorldOptions,
} from "./world.js";
export type { TestOwnDev } from "./own-dev.js";
