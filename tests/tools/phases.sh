# Sourced. Runs phases one after another, times each, and counts what passed.
#
# A phase counts what its own output says: the result lines of `cargo test`, those of node's test runner, or a closing
# line like ours; else it is one test.
# A failed phase does not stop the ones after it, so that one run tells everything that is wrong.

phases_log_folder="$(mktemp -d)"
trap 'rm -rf "$phases_log_folder"' EXIT
phases_passed=0
phases_failed=0
phases_broken=()

# phase NAME COMMAND… — a test, or many.
phase() { run_phase 1 "$@"; }

# preparation NAME COMMAND… — what tests need; counts only when it fails.
preparation() { run_phase 0 "$@"; }

run_phase() {
    local weight="$1" name="$2" log="$phases_log_folder/$2" started_s=$SECONDS verdict=passed status
    shift 2
    printf '\n=== %s\n' "$name"
    # A function on the left of || would run on after a command that fails; in a subshell of its own it stops there.
    set +e
    (set -e; "$@") < /dev/null 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    set -e
    count_phase "$name" "$log" "$status" "$weight"
    [ "$status" = 0 ] || verdict=FAILED
    printf '=== %s: %s in %d s\n' "$name" "$verdict" "$((SECONDS - started_s))"
}

# Adds what a phase's log says to the totals; a phase that failed counts at least one failure.
count_phase() {
    local name="$1" log="$2" status="$3" weight="$4" passed failed
    read -r passed failed < <(awk -v weight="$weight" -v status="$status" '
        /^test result: / { tests = 1; passed += $4; failed += $6 }
        /^ℹ pass [0-9]+$/ { tests = 1; passed += $3 }
        /^ℹ fail [0-9]+$/ { failed += $3 }
        /^[0-9]+ passed, [0-9]+ failed$/ { tests = 1; passed = $1; failed = $3 }
        END {
            if (!tests && status == 0) passed = weight
            if (status != 0 && failed == 0) failed = 1
            print passed + 0, failed + 0
        }' "$log")
    [ "$status" = 0 ] || phases_broken+=("$name")
    phases_passed=$((phases_passed + passed))
    phases_failed=$((phases_failed + failed))
}

# Names the phases that failed, prints the plain closing line, and ends the script.
close_phases() {
    echo
    [ "${#phases_broken[@]}" = 0 ] || echo "failed: ${phases_broken[*]}"
    echo "$phases_passed passed, $phases_failed failed"
    [ "$phases_failed" = 0 ] && [ "$phases_passed" != 0 ]
    exit
}
