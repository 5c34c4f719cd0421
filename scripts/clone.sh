# Sourced: a throw-away clone of this tree in $place/clone, gone when the script ends.
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
git clone --quiet --no-hardlinks "$tree" "$place/clone"
cd "$place/clone"

# Modules of the clone are the tree's own, but its packages are those that it has.
link_modules() {
  mkdir -p node_modules/@uevent-bridge
  find "$tree/node_modules" -mindepth 1 -maxdepth 1 ! -name @uevent-bridge ! -name uevent-bridge ! -name '.[!b]*' \
    -exec ln -s -t node_modules {} +
  for directory in packages/*; do
    [[ ! -d $tree/$directory/node_modules ]] || ln -s -t "$directory" "$tree/$directory/node_modules"
    case $directory in
      packages/uevent-bridge) ln -s ../packages/uevent-bridge node_modules/ ;;
      *) ln -s "../../$directory" node_modules/@uevent-bridge/ ;;
    esac
  done
}
