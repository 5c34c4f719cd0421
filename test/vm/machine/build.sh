#!/usr/bin/env bash
# build.sh DIRECTORY NODE: makes what QEMU boots in DIRECTORY (vmlinuz, initrd, root.img), out of packages of the Debian that
# runs here and of this NODE, so that what was compiled here runs there. Packages are unpacked, not installed: none of their
# scripts runs. DIRECTORY/debs keeps them for the next time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
node=$2
PATH=$PATH:/usr/sbin:/sbin
mkdir -p "$1/debs"
cd "$1"
rm -rf tree early vmlinuz initrd root.img
export tree=$PWD/tree

# Others depend on it and nothing here uses it: half of what there would be to download and to write.
unused='adwaita-icon-theme|fonts-.*|gtk-update-icon-cache|initramfs-tools.*|klibc-utils|libgl1-mesa-dri|libicu.*|libklibc|libllvm.*|libperl.*|libz3-.*|perl.*'
export unwanted='./usr/share/doc ./usr/share/locale ./usr/share/man */drivers/gpu */drivers/iio */drivers/infiniband */drivers/isdn */drivers/media */drivers/net */drivers/staging */kernel/sound'

files() { # NAME_VERSION_ARCH.deb of these and of all that they depend on, as on a machine with nothing installed
  sed 's/#.*//' "$here/packages.txt" |
    xargs apt-get -qq -s --no-install-recommends -o Dir::State::status=/dev/null install |
    sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*\[\(.*\)\]).*/\1_\2_\3.deb/p' | grep -vxE "($unused)_.*" | sed 's/:/%3a/'
}

download() { # what is there already is not downloaded again; older ones may lie beside
  (cd debs && sed 's/_.*//' | xargs apt-get -qq -o APT::Sandbox::User=root download)
}

unpack() { # no directory of a package replaces the link /bin -> usr/bin
  set -f
  dpkg-deb --fsys-tarfile "debs/$1" |
    tar -C "$tree" -x --keep-directory-symlink --no-same-owner $(printf -- '--exclude=%s ' $unwanted)
}
export -f unpack

merge_usr() {
  for each in bin sbin lib lib64; do
    mkdir -p "tree/usr/$each"
    ln -s "usr/$each" "tree/$each"
  done
}

configure() { # what the packages' scripts would have done
  cp "$tree/usr/share/base-passwd/passwd.master" "$tree/etc/passwd"
  cp "$tree/usr/share/base-passwd/group.master" "$tree/etc/group"
  printf '%s:x:%s:\n' input 101 kvm 102 render 103 sgx 104 >>"$tree/etc/group" # of which udev's rules speak
  (cd "$tree/usr" && env -u PYTHONDONTWRITEBYTECODE PYTHONHOME="$PWD" PYTHONPATH="$PWD/lib/python3/dist-packages" \
    /usr/bin/python3 -c 'import evdev, json, pyudev') # leaves them compiled
  systemd-hwdb --root="$tree" update
  depmod -b "$tree" "$release"
  cp "$node" "$tree/usr/bin/node"
  install -m 755 "$here/init.sh" "$tree/init"
  (cd "$tree" && mkdir -p dev mnt proc share sys workspace)
}

modules() { modprobe -d "$tree" -S "$release" --show-depends "$1" | sed -n 's/^insmod \([^ ]*\).*/\1/p'; }

initrd() { # the modules that lead to the root file system, in the order in which they are loaded
  mkdir -p early/bin early/modules
  cp "$(command -v busybox)" early/bin/busybox
  install -m 755 "$here/initrd.sh" early/init
  for each in virtio_pci virtio_blk ext4 overlay; do modules "$each"; done | awk '!seen[$0]++' >early/list
  xargs -a early/list cp -t early/modules
  sed -i 's|.*/||' early/list
  (cd early && find . | cpio --quiet -o -H newc) | gzip -1 >initrd
}

files=$(files)
download <<<"$files"
merge_usr
xargs <<<"$files" -P "$(nproc)" -I{} bash -c 'set -euo pipefail; unpack "$1"' bash {}
release=$(ls "$tree/usr/lib/modules")
configure
initrd
cp "$tree/boot/vmlinuz-$release" vmlinuz
rm -rf "$tree/boot"
mke2fs -q -t ext4 -O ^has_journal -m 0 -d tree root.img "$(($(du -sm tree | cut -f1) * 5 / 4 + 64))M"
rm -rf tree early
