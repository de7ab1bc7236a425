#!/bin/sh
# A kernel without BTF of its own, or as good as one: what it had is hidden. The error says where such files are found, and with one
# (--btf) a failure is explained as ever; the way to system calls that needs no BTF in the kernel sees each of them.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root
[ -r /sys/kernel/btf/vmlinux ] || skip "this kernel has no BTF that could be hidden"
unshare --mount true 2>"$work/err" || skip "no mount namespace of one's own: $(cat "$work/err")"

cp /sys/kernel/btf/vmlinux "$work/btf"
# hidden COMMAND...: runs it where the kernel's BTF cannot be found.
cat >"$work/hidden" <<'END'
#!/bin/sh
mount -t tmpfs none /sys/kernel/btf && exec "$@"
END
chmod +x "$work/hidden"
hidden="unshare --mount $work/hidden"

# shellcheck disable=SC2086
{
	expect 1 $hidden "$KTRACE" run -- true
	says err "$(uname -r) with --btf FILE"
	expect 1 $hidden "$KTRACE" run --btf "$work/nothing" -- true
	says err "no BTF can be read from $work/nothing: No such file"
	expect 1 $hidden "$KTRACE" run --btf /etc/passwd -- true
	says err "no BTF can be read from /etc/passwd"
	[ "$(wc -l <"$work/err")" = 1 ] || fail "a message that is not ktrace's"
	expect 1 $hidden "$KTRACE" run --btf "$work/btf" -- cat /nope/app.conf
	says err "Missing file: /nope/app.conf"
	$hidden "$KTRACE" doctor --btf "$work/btf" >"$work/out" 2>"$work/err"
	says out "BTF           from $work/btf"
	says out "proved by raw_sys_exit"
}
"$(dirname "$0")/every-call.py" raw_sys_exit >"$work/out" 2>&1 || fail "not each call was seen by raw_sys_exit"
exit 0
