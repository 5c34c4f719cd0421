export { addLoop, addZram, freeLoop, removeLoop, removeZram } from "./block-devices.js";
export { createVeth, deleteLink, renameLink } from "./links.js";
export { openReceiver } from "./receiver.js";
