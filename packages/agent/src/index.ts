export { AgentError } from "./errors.js";
export type { AgentErrorCode } from "./errors.js";
export { agentPath, shimPath } from "./paths.js";
