const OF_PEOPLE = "/devices/[!L]*"; // below LNXSYSTM:00 are the machine's own buttons and its lid
const INPUT = [`${OF_PEOPLE},subsystem=input,sysname=input*|event*|mouse*|js*`];
const SOUND = ["subsystem=sound,sysname=card*|timer"]; // all of a card is below it

/** Each preset is a list of ordinary rules. `docs/rules.md` says of each what is left out, and why. */
export const presets: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "base", // the devices that the OCI runtime specification gives every container
    ["subsystem=mem,sysname=null|zero|full|random|urandom", "subsystem=tty,sysname=tty|ptmx|console"],
  ],
  ["input", INPUT],
  ["sound", SOUND],
  ["gpu", ["subsystem=drm,sysname=renderD*", "subsystem=kfd"]],
  ["desktop", [...INPUT, ...SOUND, "subsystem=drm"]],
  ["serial", ["subsystem=tty,sysname=ttyUSB*|ttyACM*"]],
  ["storage", ["driver=usb-storage|uas,subsystem=block", "subsystem=block,attr:removable=1"]],
]);
