#!/bin/sh
# Under `ktrace run` there is a command on this machine: what is said of it speaks of no container, pod or image, and what
# is to be done can be done here.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

# plain ADVICE COMMAND...: fails, and is explained in plain words, with that advice.
plain() {
	advice=$1
	shift
	"$KTRACE" run -- "$@" >"$work/out" 2>"$work/err"
	says err "What to do"
	says err "$advice"
	if grep -nwE 'containers?|pods?|image|kubelet|Kubernetes|RUN|node|ConfigMap|volumes?' "$work/err"; then
		fail "$*: these words mean nothing on a machine of one's own"
	fi
}

chmod 755 "$work" # the directory of the test, which another user is to enter
as_user="setpriv --reuid 65534 --regid 65534 --clear-groups"
: >"$work/plain"
plain "chmod a+rx $work/plain" "$work/plain"
plain "Correct the path" /nope/program
plain "Create /nope/app.conf" cat /nope/app.conf
# shellcheck disable=SC2086
plain "chown 65534" $as_user /bin/sh -c 'echo x >/etc/ktrace-plain'
# shellcheck disable=SC2086
plain "Run it as root" $as_user chroot /tmp true
plain "Put ktrace_no_such where Python looks" /usr/bin/python3 -c 'import ktrace_no_such'
plain "Start what is to answer" /usr/bin/python3 -c 'import socket; socket.create_connection(("127.0.0.1", 1))'
plain "an address that" /usr/bin/python3 -c 'import socket; socket.socket().bind(("192.0.2.1", 8080))'
plain "environment variable KTRACE_URL" bash -c 'set -u; echo "$KTRACE_URL"'
plain "environment variable KTRACE_URL" sh -c ': "${KTRACE_URL:?give me one}"'
plain "Correct abc in the command" sleep abc
plain "apt-get install -y netcat-openbsd" sh -c 'PATH=/nope; nc -l 1'
exit 0
