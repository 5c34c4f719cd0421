/** Each preset is a list of ordinary rules. */
export const presets: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "base", // the devices that the OCI runtime specification gives every container
    ["subsystem=mem,sysname=null|zero|full|random|urandom", "subsystem=tty,sysname=tty|ptmx|console"],
  ],
]);
