#!/usr/bin/env bash
# on-node.sh MAJOR: the tests on another release of Node, in a fresh clone: what starts programs and loads addons. What only computes, and
# what the kernel does, are for one release alone.
set -euo pipefail
. "$(dirname "$0")/clone.sh"

# Not by npx: below root's HOME, users of a test's containers could not run it.
npm install --silent --prefix "$place/node" "node@$1"
PATH=$place/node/node_modules/.bin:$PATH npm test -- --project machine \
  packages/linux/test/{addon,hand,sender,source,target}.test.ts packages/uevent-bridge/test/commands test/cli.test.ts test/packaging
