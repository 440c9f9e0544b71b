# Assertions for the enforcement scripts: each says what it saw; finish_checks ends the run with the sum. To be sourced.

checks=0
failures=0

# check WHAT EXPECTED SEEN
check() {
  checks=$((checks + 1))
  if [ "$2" = "$3" ]; then
    printf 'ok    %s\n' "$1"
  else
    failures=$((failures + 1))
    printf 'FAIL  %s: expected `%s`, saw `%s`\n' "$1" "$2" "$3"
  fi
}

finish_checks() {
  printf '%d checks, %d failures\n' "$checks" "$failures"
  [ "$failures" = 0 ]
}

# Whether an answer of the probe is what the plan expects: `allow`, `kill` or an errno.
is_expected() {
  case $1 in
    allow) [ "$2" != killed ] && [ "$2" -ge 0 ] ;;
    kill) [ "$2" = killed ] ;;
    *) [ "$2" = "-$1" ] ;;
  esac
}

# check_request BUNDLE PROGRAM REQUEST: the kernel answers as the policy decides.
check_request() {
  local expected joined request seen
  IFS=$'\t' read -r expected joined request _ < <("$build/bin/probe_plan" "$tree/examples/$example/policy.yaml" "$3")
  [ -n "$joined" ] || stop_with "no plan for $3"
  local -a steps
  mapfile -t steps < <(sed 's/ ; /\n/g' <<<"$joined")
  seen=$(ask_probe "$1" "$2" "${steps[@]}") || seen=killed
  if is_expected "$expected" "$seen"; then seen=$expected; fi
  check "$request is answered with $expected" "$expected" "$seen"
}

# check_answer WHAT ANSWER BUNDLE PROGRAM REQUEST: the kernel answers so, whatever the plan says.
check_answer() {
  local -a steps
  mapfile -t steps < <(steps "$5")
  check "$1: $5" "$2" "$(ask_probe "$3" "$4" "${steps[@]}")"
}

# x32 shares its tables with x86_64; a call with its bit set must not get through.
check_foreign_call() {
  [ "$machine" = x86_64 ] || return 0
  local seen
  seen=$(ask_probe "$1" "$2" '0x40000027') || seen=killed
  check "an x32 call ends the process" killed "$seen"
}

# check_confinement BUNDLE UID: what the kernel says of the server's first process.
check_confinement() {
  local status
  status=/proc/$(cat "$work/$1.pid")/status
  check "it runs as the mapped user" "$2" "$(awk '$1 == "Uid:" { print $2 }' "$status")"
  check "it has no capabilities to gain" 0000000000000000 "$(awk '$1 == "CapBnd:" { print $2 }' "$status")"
  check "it has no new privileges" 1 "$(awk '$1 == "NoNewPrivs:" { print $2 }' "$status")"
  check "it has a filter" 2 "$(awk '$1 == "Seccomp:" { print $2 }' "$status")"
}

# Runs the plan's steps in a container, many at a time, and prints an answer for each.
answer_plan() {
  local bundle=$1 program=$2 plan=$3 step
  local -a batch=()
  while IFS=$'\t' read -r _ step _; do
    batch+=("$step" --)
    if [ ${#batch[@]} -ge 120 ]; then
      ask_probe "$bundle" "$program" "${batch[@]:0:${#batch[@]}-1}" || return 1
      batch=()
    fi
  done <"$plan"
  [ ${#batch[@]} -eq 0 ] || ask_probe "$bundle" "$program" "${batch[@]:0:${#batch[@]}-1}"
}

# check_matrix BUNDLE PROGRAM: every call of the architecture, for each decision that it can get.
# EPERM and ENOSYS are also what the kernel itself may answer to a call that runs; then it says the same in the container
# `bare`, which has no filter.
check_matrix() {
  local plan=$work/plan expected step request seen refused=0 granted=0 before=$failures
  "$build/bin/probe_plan" "$tree/examples/$example/policy.yaml" matrix >"$plan"
  make_unfiltered_bundle bare "$1"
  start bare
  answer_plan "$1" "$2" "$plan" >"$work/answers" || stop_with "the probe was killed in the matrix of $1"
  check "every try has an answer" "$(wc -l <"$plan")" "$(wc -l <"$work/answers")"
  while IFS=$'\t' read -r -u 4 expected step request seen; do
    if [ "$expected" != allow ]; then
      refused=$((refused + 1))
      [ "$seen" = "-$expected" ] || check "$request is refused" "-$expected" "$seen"
    else
      granted=$((granted + 1))
      case $seen in -1 | -38) check "$request runs" "$(ask_probe bare "$2" "$step")" "$seen" ;; esac
    fi
  done 4< <(paste "$plan" "$work/answers")
  check "matrix: $refused calls refused, $granted let through" "$before" "$failures"
}

# stop BUNDLE SIGNAL: asks it to stop and waits, at most ten seconds.
stop() {
  local attempt
  signal "$1" "$2"
  for attempt in $(seq 100); do
    [ -d "/proc/$(cat "$work/$1.pid")" ] || return 0
    sleep 0.1
  done
}

signal() {
  runc --root "$work/runc" kill "$1" "$2"
}

# Prints `yes` when the file is there within ten seconds.
wait_for_file() {
  local attempt
  for attempt in $(seq 100); do
    if [ -s "$1" ]; then
      echo yes
      return 0
    fi
    sleep 0.1
  done
}
