#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The completion scripts load in their shells and offer what the option tables have.
set -uo pipefail
ktrace=${KTRACE:-build/ktrace}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# expect WHAT WORD... : each is among the words in $got
expect() {
	local what=$1 word
	shift
	for word in "$@"; do
		grep -qwF -- "$word" <<<"$got" || { echo "FAIL $what: no $word in: $got" && failed=1; }
	done
	echo "ok   $what"
}

for shell in bash zsh fish; do
	"$ktrace" completion $shell >"$work/$shell" || failed=1
	command -v $shell >/dev/null || { echo "FAIL $shell is not installed" && failed=1; }
done

# shellcheck disable=SC2016 # of the other shell
complete_bash='source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ktrace; echo "${COMPREPLY[*]}"'
got=$(bash -c "$complete_bash" - "$work/bash" ktrace '' 2>&1)
expect "bash: commands" run live explain ps agent record replay doctor rules
got=$(bash -c "$complete_bash" - "$work/bash" ktrace agent --events '' 2>&1)
expect "bash: choices" diagnoses errors all
got=$(bash -c "$complete_bash" - "$work/bash" ktrace agent --o 2>&1)
expect "bash: options" --otlp
got=$(bash -c "$complete_bash" - "$work/bash" ktrace rules mis 2>&1)
expect "bash: root causes" missing_file missing_library

# shellcheck disable=SC2016
got=$(zsh -f -c 'autoload -Uz compinit; compinit -u -d "$2"; source "$1" && print "is ${_comps[ktrace]}"; functions _ktrace' - "$work/zsh" "$work/dump" 2>&1)
expect "zsh" "is _ktrace" _describe --otlp missing_file

# shellcheck disable=SC2016
complete_fish='source $argv[1]; complete -C $argv[2]'
export HOME=$work
got=$(fish --no-config -c "$complete_fish" "$work/fish" 'ktrace r' 2>&1)
expect "fish: commands" run record replay rules
got=$(fish --no-config -c "$complete_fish" "$work/fish" 'ktrace agent --events ' 2>&1)
expect "fish: choices" diagnoses errors all
got=$(fish --no-config -c "$complete_fish" "$work/fish" 'ktrace agent --kub' 2>&1)
expect "fish: options" --kubernetes-events

"$ktrace" completion tcsh >/dev/null 2>"$work/err"
if [ $? -ne 2 ] || ! grep -q 'there is bash, zsh and fish' "$work/err"; then
	echo "FAIL an unknown shell" && failed=1
fi
exit $failed
