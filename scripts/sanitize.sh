#!/usr/bin/env bash
# Runs the tests of the package linux with its C compiled for AddressSanitizer and UndefinedBehaviorSanitizer; but for those of what
# containers may touch, and of where that is said, which start a process for each look: that C has tests of its own.
set -euo pipefail
. "$(dirname "$0")/clone.sh"
SANITIZERS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g"

link_modules
node packages/agent/build.mjs # the addon's tests start it
cd packages/linux
headers=${npm_config_nodedir-$(dirname "$(dirname "$(realpath "$(command -v node)")")")}
CFLAGS=$SANITIZERS LDFLAGS=$SANITIZERS npm_config_nodedir=$headers npx node-gyp rebuild
nm -D build/Release/uevent_bridge.node | grep __asan_report_load >/dev/null || { echo "it is not instrumented"; exit 1; }
cd ../..

# Node itself is not instrumented: the runtime must be there before it, and what Node keeps until its end is no leak of ours. Nor is it of
# use to know where from it takes its memory, which takes half of the time to start it.
UEVENT_BRIDGE_SANITIZED=1 LD_PRELOAD=$(cc -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0:malloc_context_size=1:quarantine_size_mb=16 UBSAN_OPTIONS=print_stacktrace=1 \
  npx vitest run $(find packages/linux/test -name '*.test.ts' | grep -Ev '/(contract-view|container-cgroups|left-notes)\.test')
