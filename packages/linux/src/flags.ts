/** Opens a file as a place, whatever it is. Node has no name for it. */
export const O_PATH = 0o10000000;
