# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Packages of another Debian suite than this machine's, for scripts that source this. Nothing is installed; packages are
# checked against the suite's signed index.

# open_suite SUITE FOLDER [ARCH]: gets the suite's index, for another architecture if one is named (arm64). Sets opts, the
# options for apt-get and apt-cache; their state is in FOLDER. The mirror is the one that this machine's own apt uses; its
# lists and settings are not touched.
open_suite() {
	local suite=$1 arch=${3:-$(dpkg --print-architecture)} apt mirror
	mirror=$({ sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } |
		grep '/debian/*$' | sort -u | sed -n 1p)
	[ -n "$mirror" ] || { echo "${0##*/}: no Debian mirror in apt's sources" >&2 && return 1; }
	# Security suites live in an archive of their own, which mirrors keep beside the main one.
	case $suite in *-security) mirror=${mirror%/}-security ;; esac
	apt=$(realpath -m "$2") # apt takes a relative one for below /etc/apt
	rm -rf "$apt" # of an attempt that was cut short
	mkdir -p "$apt/lists/partial" "$apt/cache/partial"
	: >"$apt/status"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/sources.list"
	# shellcheck disable=SC2034 # for whoever sources this
	opts=(-qq -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$apt/lists"
		-o "Dir::Cache=$apt/cache" -o "Dir::State::status=$apt/status" -o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false
		-o "APT::Architecture=$arch" -o "APT::Architectures::=$arch")
	apt-get "${opts[@]}" update >&2
}

# unpack FOLDER PACKAGE...: of the open suite.
unpack() {
	local root=$1 debs deb
	shift
	debs=$(mktemp -d) || return
	(cd "$debs" && apt-get "${opts[@]}" download "$@" >&2) || { rm -rf "$debs" && return 1; }
	mkdir -p "$root"
	for deb in "$debs"/*.deb; do dpkg -x "$deb" "$root"; done
	rm -rf "$debs"
}

# unpack_root FOLDER PACKAGE...: of the open suite, with all that they depend on, into a root whose /bin, /lib and /sbin are
# links into /usr, as an installed system has them. Nothing of the packages is run. FOLDER.packages lists what came from
# which: a line for each file with its path, package, version, architecture and source package.
unpack_root() {
	local root=$1 dir deb about
	shift
	# With an empty status file apt knows of nothing installed: it fetches the whole set.
	apt-get "${opts[@]}" -y --no-install-recommends -o Debug::NoLocking=1 --download-only install "$@" >&2 || return
	for dir in bin sbin lib; do mkdir -p "$root/usr/$dir" && ln -sfn "usr/$dir" "$root/$dir"; done
	while IFS= read -r deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$root" || return
		# shellcheck disable=SC2016 # dpkg's own fields
		about=$(dpkg-deb --show --showformat='${Package} ${Version} ${Architecture} ${source:Package}' "$deb") || return
		dpkg-deb --fsys-tarfile "$deb" | tar -t | sed -n "s#^\./\(.*[^/]\)\$#/\1 $about#p" >>"$root.packages" || return
	done < <(find "$(apt-config "${opts[@]}" shell d Dir::Cache::archives/f | sed "s/^d='\(.*\)'$/\1/")" -name '*.deb')
}
