#!/usr/bin/env bash
# on-node.sh MAJOR: npm test on another release of Node, in a fresh clone.
set -euo pipefail
. "$(dirname "$0")/clone.sh"

npx --yes --package "node@$1" npm test
