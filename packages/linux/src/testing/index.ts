export { openReceiver } from "./receiver.js";
