/** The containers of guest/touch.ts, and what each of them may see. */
export const BOXES = {
  usb: { rules: ["usb=46f4:0001", "usb=0627:*", "usb=0403:6001"], hasUsers: true, runs: false, sysfs: "auto" },
  port: { rules: ["port=1-1|1-4|2-3"], hasUsers: false, runs: false, sysfs: "off" },
  subsystem: {
    rules: ["subsystem=block,sysname=sd*", "subsystem=usb-serial"],
    hasUsers: true,
    runs: true,
    sysfs: "auto",
  },
} as const;
