#!/bin/bash
# Runs in the machine, as root: a container without udevd, whose programs of libudev are told of what is plugged into port 1, beside
# the host's udevd. Leaves in $OUT what udevadm showed on the host and in the container.
set -eu
cd /share
OUT=/share/${OUT:-.cache/vm}
mkdir -p "$OUT"
CLI=packages/uevent-bridge/dist/cli.js

/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add
udevadm settle

# Ids 0 … 65535 are 100000 … here; it has a /run of its own and a /sys that shows its network namespace.
mkfifo /tmp/mapped
inner='mount -t tmpfs -o mode=755 tmpfs /run && mount -t sysfs sysfs /sys && : >/run/ready && exec sleep 1000'
unshare --user --net --mount --pid --fork --keep-caps sh -c '
  read _ </tmp/mapped
  exec setpriv --reuid 0 --regid 0 --clear-groups sh -c "$0"' "$inner" &
unshared=$!
for _ in $(seq 100); do box=$(pgrep -P "$unshared" || true); [ -n "$box" ] && break; sleep 0.1; done
for map in uid_map gid_map; do echo "0 100000 65536" >"/proc/$box/$map"; done
echo >/tmp/mapped
inside() { nsenter -t "$box" -U -n -m --setuid 0 --setgid 0 -- "$@"; }
for _ in $(seq 100); do inside test -e /run/ready && break; sleep 0.1; done

node "$CLI" attach box --pid "$box" --allow port=1-1 --netlink udev 2>"$OUT/attach.log" &
attach=$!
for _ in $(seq 300); do inside test -e /run/udev/control && break; sleep 0.1; done
udevadm monitor --udev --property >"$OUT/host" &
host=$!
inside udevadm monitor --udev --property >"$OUT/inside" &
monitor=$!
sleep 2

heard() { grep -c "$1" "$OUT/$2" || true; }
await() { for _ in $(seq 200); do [ "$(heard "$1" "$2")" -ge "$3" ] && return 0; sleep 0.1; done; echo "waited in vain for $1 in $2" >&2; }

for device in "$@"; do
  before=$(heard "^ACTION=remove" inside)
  qmp "device_add $device,id=mine,bus=xhci.0,port=1"
  await "DEVNAME=/dev/bus/usb/001" inside 1
  udevadm settle
  sleep 2
  qmp "device_add usb-mouse,id=other,bus=xhci.0,port=2"
  sleep 1
  inside udevadm info --export-db >"$OUT/db.inside.$device"
  udevadm info --export-db >"$OUT/db.host.$device"
  qmp "device_del other"
  qmp "device_del mine"
  udevadm settle
  await "^ACTION=remove" inside $((before + 1))
  sleep 2
done

kill "$host" "$monitor"
kill -INT "$attach"
wait "$attach"
inside ls -A /run/udev >"$OUT/left"
kill "$box" || true
