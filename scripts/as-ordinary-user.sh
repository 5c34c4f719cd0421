#!/usr/bin/env bash
# as-ordinary-user.sh COMMAND…: in a fresh clone that a user owns who has no name, no rights and an empty HOME. Run as root.
set -euo pipefail
. "$(dirname "$0")/clone.sh"
ID=64321

mkdir "$place/home"
chown -R "$ID:$ID" "$place/home" "$place/clone"
env -u npm_config_cache -u XDG_RUNTIME_DIR -u XDG_CACHE_HOME -u XDG_CONFIG_HOME HOME="$place/home" \
  setpriv --reuid "$ID" --regid "$ID" --clear-groups "$@"
