# One line for each step, with its seconds and those of processors that it took, and the tail of its log if it failed.
passed=0 failed=0
LOGS=.cache/ci
TIMEFORMAT="%1R s, %0U + %0S s of processors"
rm -rf "$LOGS"
mkdir -p "$LOGS"

# check NAME COMMAND…: counts as one
check() {
  if step "$@"; then ((passed += 1)); else ((failed += 1)); fi
}

# tests NAME COMMAND…: counts what its last line "N passed, N failed[, N skipped]" says
tests() {
  local status counts
  step "$@"
  status=$?
  counts=$(grep -aE '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
  if [[ ! $counts =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
    echo "  it ended without counts"
    ((failed += 1))
    return
  fi
  echo "  $counts"
  ((passed += BASH_REMATCH[1], failed += BASH_REMATCH[2]))
  if ((status != 0 && BASH_REMATCH[2] == 0)); then ((failed += 1)); fi
}

step() {
  local name=$1 status
  log=$LOGS/${name//[^A-Za-z0-9]/-}.log
  shift
  printf '%s … ' "$name"
  { time "$@" >"$log" 2>&1; } 2>"$log.time"
  status=$?
  if ((status == 0)); then
    cat "$log.time"
  else
    echo "failed with status $status after $(cat "$log.time"); the whole log: $log"
    tail -n 60 "$log" | sed 's/^/    /'
  fi
  return $status
}

# at_once LANE…: runs functions of checks side by side; prints what each printed when it has ended, and counts it.
at_once() {
  local lane lanes=() counts
  for lane in "$@"; do
    rm -f "$LOGS/$lane.counts"
    counted "$lane" >"$LOGS/$lane.lane" 2>&1 &
    lanes+=($!)
  done
  wait "${lanes[@]}"
  for lane in "$@"; do
    cat "$LOGS/$lane.lane"
    if counts=$(cat "$LOGS/$lane.counts") && [[ $counts =~ ^([0-9]+)\ ([0-9]+)$ ]]; then
      ((passed += BASH_REMATCH[1], failed += BASH_REMATCH[2]))
    else
      echo "  $lane ended without counts"
      ((failed += 1))
    fi
  done
}

counted() {
  passed=0 failed=0
  "$1"
  echo "$passed $failed" >"$LOGS/$1.counts"
}

finish() {
  ((failed > 0)) && grep -ahE '^  failed: ' "$LOGS"/*.log
  echo "$passed passed, $failed failed"
  ((failed == 0))
  exit
}
