import type { ConsumerKind } from "./consumer.js";

const RULE = `RUN+="/bin/sh -c 'echo $env{ACTION}@$devpath >>/run/udevd-ran'"\n`;

/** The daemon, by what a rule of it runs. One worker keeps the order. */
export const udevd: ConsumerKind = {
  name: "systemd-udevd",
  debian: "udev",
  launch(inside) {
    inside.write("/etc/udev/rules.d/10-test.rules", RULE);
    inside.start("/lib/systemd/systemd-udevd", "--children-max=1");
    return { heard: () => linesOf(inside.read("/run/udevd-ran")) };
  },
};

/** What it shows of the kernel's events. */
export const udevadm: ConsumerKind = {
  name: "udevadm monitor --kernel",
  debian: "udev",
  launch(inside) {
    const { lines } = inside.start("udevadm", "monitor", "--kernel");
    return {
      heard: () =>
        lines.flatMap((line) => {
          const [, action, devpath] = /^KERNEL\[[\d.]+\] (\S+) +(\S+) /.exec(line) ?? [];
          return action === undefined ? [] : [`${action}@${devpath}`];
        }),
    };
  },
};

const linesOf = (text: string): string[] => text.split("\n").slice(0, -1);
