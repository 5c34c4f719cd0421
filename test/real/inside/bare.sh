# Makes a container of nothing but busybox and the agent, as root in network, mount and pid namespaces of its own.
# Prints its pid on the host and lives until stdin ends. $1 its pid on the host, $2 the agent, $3 the directory of events
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /mnt
cd /mnt
mkdir -p bin proc sys dev run/uevent etc old
cp "$(command -v busybox)" bin/busybox
cp "$2" bin/uevent-agent
for each in sh mdev; do ln -s busybox "bin/$each"; done
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
mknod -m 666 dev/null c 1 3
mount --bind "$3" run/uevent
pivot_root . old
exec /bin/busybox sh -c 'busybox umount -l /old && busybox rmdir /old && echo "$0" && exec busybox cat >/dev/null' "$1"
