/* SPDX-License-Identifier: MIT */
/*
 * Places where programs look although nothing need be there, and caches that they do without. `role` is
 * whose noise it is (0: of the C library, the loader, or more than one program). Read more than once.
 *
 * A pattern is matched a path component at a time, and only whole ones: "lib/python*" is /usr/lib/python3.11/os.py,
 * and neither /data/python3 nor /app/mylib/python. With a slash in front it begins where the path does, with
 * a $ it ends where the path does, * is any part of one component. What the program's own command line names is
 * no look-up, whatever the place.
 *
 * OPTIONAL: not found, and none the worse. DISPENSABLE: not to be had, whatever the error.
 */
// clang-format off

/* The C library and the loader: ld.so(8), nsswitch.conf(5), locale(7), tzset(3). */
OPTIONAL(0, "glibc-hwcaps")
OPTIONAL(0, "/etc/ld.so.*")
OPTIONAL(0, "/etc/ld-musl-*")
OPTIONAL(0, "/etc/suid-debug")
OPTIONAL(0, "/etc/nsswitch.conf")
OPTIONAL(0, "/etc/host.conf")
OPTIONAL(0, "/etc/gai.conf")
OPTIONAL(0, "/etc/resolv.conf")
OPTIONAL(0, "/etc/ethers")
OPTIONAL(0, "/etc/svc.conf")
OPTIONAL(0, "/etc/netsvc.conf")
OPTIONAL(0, "run/nscd")
OPTIONAL(0, "run/userdb")
OPTIONAL(0, "systemd/userdb")
OPTIONAL(0, "etc/userdb")
OPTIONAL(0, "lib/userdb")
OPTIONAL(0, "/run/host$")
OPTIONAL(0, "run/host/userdb")
OPTIONAL(0, "lib/locale")
OPTIONAL(0, "share/locale")
OPTIONAL(0, "share/locale-langpack")
OPTIONAL(0, "LC_MESSAGES")
OPTIONAL(0, "gconv")
OPTIONAL(0, "charset.alias$")
OPTIONAL(0, "share/zoneinfo")
OPTIONAL(0, "lib/zoneinfo")
OPTIONAL(0, "/etc/zoneinfo")
OPTIONAL(0, "/etc/localtime")
OPTIONAL(0, "terminfo")
OPTIONAL(0, ".terminfo")
OPTIONAL(0, "/etc/mtab")
OPTIONAL(0, "/etc/papersize")

/* What describes the machine. */
OPTIONAL(0, "/proc")
OPTIONAL(0, "/sys")
OPTIONAL(0, "/dev/hugepages")
OPTIONAL(0, "/.dockerenv")
OPTIONAL(0, "/run/.containerenv")
OPTIONAL(0, "etc/os-release")
OPTIONAL(0, "lib/os-release")
OPTIONAL(0, "/etc/lsb-release")
OPTIONAL(0, "/etc/fips*")
OPTIONAL(0, "/etc/system-fips")
OPTIONAL(0, "/etc/selinux")
OPTIONAL(0, "/etc/machine-id")

/* Services of a whole system. */
OPTIONAL(0, "run/systemd")
OPTIONAL(0, "/etc/systemd")
OPTIONAL(0, "lib/systemd")
OPTIONAL(0, "run/dbus")
OPTIONAL(0, "dbus-1")
OPTIONAL(0, "/dev/log")
OPTIONAL(0, "run/syslog$")
OPTIONAL(0, "run/log$")
OPTIONAL(0, "run/uuidd")
OPTIONAL(0, "torrc-defaults$")
OPTIONAL(0, "avahi-daemon")
OPTIONAL(0, "/run/udev")
OPTIONAL(0, "/dev/.udev")

/* Cryptography. */
OPTIONAL(0, "openssl.cnf$")
OPTIONAL(0, "crypto-policies")
OPTIONAL(0, "gnutls")
OPTIONAL(0, "p11-kit")
OPTIONAL(0, "pkcs11")
OPTIONAL(0, "krb5*")

/* Shells and tools: settings of the system or of a user, who need have none. */
OPTIONAL(0, ".*rc$")
OPTIONAL(0, ".my.cnf$")
OPTIONAL(0, ".profile$")
OPTIONAL(0, ".bash_profile$")
OPTIONAL(0, ".bash_login$")
OPTIONAL(0, ".bash_history$")
OPTIONAL(0, "/etc/profile")
OPTIONAL(0, "/etc/profile.d")
OPTIONAL(0, "/etc/bash.bashrc")
OPTIONAL(0, "/etc/inputrc")
OPTIONAL(0, ".config")
OPTIONAL(0, ".cache")
OPTIONAL(0, ".local")
OPTIONAL(0, ".pgpass$")
OPTIONAL(0, ".pg_service.conf$")
OPTIONAL(0, "ldaprc$")
OPTIONAL(ROLE_COPIER, "*.ZIP$") /* unzip adds it to what it was given */
OPTIONAL(0, ".gitconfig$")
OPTIONAL(0, ".git")
OPTIONAL(0, ".ssh")
OPTIONAL(0, ".postgresql")

/* Python. */
OPTIONAL(0, "__pycache__")
OPTIONAL(0, "site-packages")
OPTIONAL(0, "dist-packages")
OPTIONAL(0, "pyvenv.cfg$")
OPTIONAL(0, "pybuilddir.txt$")
OPTIONAL(0, "*._pth$")
OPTIONAL(0, "lib/python*")
OPTIONAL(0, "bin/python*")
OPTIONAL(0, "lib-dynload")
OPTIONAL(0, "sitecustomize*")
OPTIONAL(0, "usercustomize*")
OPTIONAL(0, "__init__.*")
OPTIONAL(0, "Modules/Setup*")
OPTIONAL(ROLE_PYTHON, "encodings")
OPTIONAL(ROLE_PYTHON, "*.pth$")
OPTIONAL(ROLE_PYTHON, "sbin/python*")

/* Node.js. */
OPTIONAL(0, "node_modules")
OPTIONAL(0, "package.json$")
OPTIONAL(0, "etc/npmrc")
OPTIONAL(0, "_cacache")
OPTIONAL(0, "npm-shrinkwrap.json$")
OPTIONAL(0, "package-lock.json$")
OPTIONAL(0, "yarn.lock$")

/* Ruby. */
OPTIONAL(0, "rubygems")
OPTIONAL(0, "rubygems.rb$")
OPTIONAL(0, "rubygems-integration")
OPTIONAL(0, "site_ruby")
OPTIONAL(0, "vendor_ruby")
OPTIONAL(0, "lib/ruby")
OPTIONAL(0, ".gem")
OPTIONAL(0, "gems")
OPTIONAL(ROLE_RUBY, "gem")
OPTIONAL(ROLE_RUBY, "specifications")

/* Perl. */
OPTIONAL(0, "perl5")
OPTIONAL(0, "share/perl")
OPTIONAL(0, "lib/*/perl*")
OPTIONAL(0, "lib/perl*")

/* PHP. */
OPTIONAL(0, "php.ini$")
OPTIONAL(0, "php-cli.ini$")
OPTIONAL(0, "php*.ini$")
OPTIONAL(0, "php/conf.d")
OPTIONAL(ROLE_PHP, "conf.d")

/* Java. */
OPTIONAL(0, "hsperfdata*")
OPTIONAL(0, ".hotspot*")
OPTIONAL(0, "jvm.cfg*")
OPTIONAL(0, "jspawnhelper$")
OPTIONAL(0, "classlist$")
OPTIONAL(0, ".java_pid*")
OPTIONAL(0, ".attach_pid*")
OPTIONAL(ROLE_JAVA, "META-INF/services")
OPTIONAL(ROLE_JAVA, "com/sun/tools") /* the compiler's own, asked for in the class path first */
OPTIONAL(ROLE_JAVA, "lib/ext$")
OPTIONAL(ROLE_JAVA, "lib/endorsed$")

/* What dotenv's libraries read where it is there; a shell that is told to read it needs it. */
OPTIONAL(ROLE_NODE, ".env$")
OPTIONAL(ROLE_PYTHON, ".env$")
OPTIONAL(ROLE_RUBY, ".env$")
OPTIONAL(ROLE_PHP, ".env$")

/* What a database that was closed in order leaves nothing of. */
OPTIONAL(0, "*-wal$")
OPTIONAL(0, "*-journal$")

/* CMake's registry of packages: cmake-packages(7). */
OPTIONAL(0, ".cmake/packages")

/* PostgreSQL: only ALTER SYSTEM makes it. */
OPTIONAL(0, "postgresql.auto.conf$")

DISPENSABLE(0, "__pycache__")
DISPENSABLE(0, "*.pyc$")
DISPENSABLE(0, "hsperfdata*")
DISPENSABLE(0, "erl_crash.dump$") /* written after all is lost */
DISPENSABLE(0, ".cache/node*")
DISPENSABLE(0, ".bash_history$")
DISPENSABLE(0, ".ash_history$")
DISPENSABLE(0, ".python_history$")
DISPENSABLE(0, ".node_repl_history$")
DISPENSABLE(0, ".lesshst$")
DISPENSABLE(0, "/proc/*/oom_score_adj$")
DISPENSABLE(0, "/proc/*/oom_adj$")
DISPENSABLE(0, "/proc")
DISPENSABLE(0, "/sys")
DISPENSABLE(0, "/dev/tty")
DISPENSABLE(0, "/dev/cpu_dma_latency")
DISPENSABLE(0, "/dev/kmsg")
DISPENSABLE(0, "utmp$")
DISPENSABLE(0, "wtmp$")
