#!/bin/bash
# Process 1 of the virtual machine: a host with udevd, on which node runs what vm.main names.
# Ends with the machine.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
for each in /dev/shm /run /tmp; do mount -t tmpfs -o mode=1777 tmpfs "$each"; done
chmod 755 /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ln -s /proc/self/fd /dev/fd
modprobe -a 9p 9pnet_virtio uinput virtio_console virtio_scsi xhci_pci
mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=262144,cache=loose workspace /workspace
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 share /share

# The containers have the host's /dev/input: what they may open is not what is tried here, but what they are told.
mkdir -p /run/udev/rules.d
echo 'SUBSYSTEM=="input", KERNEL=="event*", MODE="0666"' >/run/udev/rules.d/99-containers.rules
/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add --subsystem-match={block,input,usb,scsi,virtio-ports} # of the rest nothing is asked, and there is much
udevadm settle

read -r line </proc/cmdline
main=${line##*vm.main=}
echo "init: it begins at $(cut -d' ' -f1 /proc/uptime) s"
node "${main%% *}"
echo "init: it ended with $? at $(cut -d' ' -f1 /proc/uptime) s"
sync
echo o >/proc/sysrq-trigger
while :; do :; done # until it is off; a program would have to be read
