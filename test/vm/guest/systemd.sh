# Runs systemd as the first process of namespaces of its own, in a cgroup of its own below which it makes others. $1 the cgroup,
# $2 the directory of its units
mkdir "$1"
echo $$ >"$1/cgroup.procs"
exec unshare --mount --pid --cgroup --fork --kill-child sh -c '
  mount --make-rprivate /
  mount -t proc proc /proc
  umount -l /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mkdir -p /mnt/units
  mount --bind "$0" /mnt/units
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/systemd/system
  mount --move /mnt/units /run/systemd/system
  exec env -i PATH="$PATH" container=other /lib/systemd/systemd --unit=box.service --log-level=warning
' "$2" </dev/null
