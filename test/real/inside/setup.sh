# Makes the small system of a test's container, as its root in user, network, mount and pid namespaces of its own:
# the host's programs read-only, the rest its own and in memory. Prints its pid on the host and lives until stdin ends.
# $1 its pid on the host; then SOURCE DESTINATION of what is bound in
set -e
pid=$1
shift
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /mnt
cd /mnt
mkdir -p usr proc sys dev run tmp etc old
mount --rbind /usr usr
mount -o remount,bind,ro usr
for each in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$each" ]; then ln -s "$(readlink "/$each")" "$each"; fi
done
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
for each in null zero full random urandom; do
  : >"dev/$each"
  mount --bind "/dev/$each" "dev/$each"
done
while [ $# -gt 0 ]; do
  mkdir -p "./$2"
  mount --bind "$1" "./$2"
  shift 2
done
pivot_root . old
umount -l /old
rmdir /old
cd /
echo "$pid"
exec cat >/dev/null
