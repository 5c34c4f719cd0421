#!/usr/bin/env bash
# on-node.sh MAJOR: the tests on another release of Node, in a fresh clone, with what is built of this tree, whose addon is for all releases:
# what starts programs and loads addons. What only computes, and what the kernel does, are for one release alone.
set -euo pipefail
. "$(dirname "$0")/clone.sh"

link_modules
for built in "$tree"/packages/*/{build,dist}; do
  [[ ! -d $built ]] || cp -a "$built" "packages/$(basename "$(dirname "$built")")/"
done

# Not by npx: below root's HOME, users of a test's containers could not run it.
npm install --silent --prefix "$place/node" "node@$1"
PATH=$place/node/node_modules/.bin:$PATH npx vitest run --project machine \
  packages/linux/test/{addon,hand,sender,source,target}.test.ts packages/uevent-bridge/test/commands test/cli.test.ts test/packaging
