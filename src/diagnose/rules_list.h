/* SPDX-License-Identifier: MIT */
/*
 * The root causes: RULE(code, title, what shows it, what mends it). rules/CODE.c holds the rule. Of
 * equally sure ones the first here speaks: the special before the general. Read more than once.
 */
// clang-format off
RULE(oom_killed,
     "The kernel killed a process because memory ran out",
     "the kernel's choice of an OOM victim in the container, with the limit that was reached",
     "raise the memory limit, or make the program use less")
RULE(read_only_copy,
     "A copy failed because its target cannot be written, or its source not read",
     "a file or directory that cp, mv, install, tar, a redirection or a library's copy could not "
     "make or replace: read-only (EROFS), permission denied (EACCES, EPERM), busy (EBUSY); even "
     "when the message went to /dev/null",
     "copy into an emptyDir, give the volume to the container's uid with fsGroup, do not "
     "hide errors")
RULE(command_not_executable,
     "A program or script exists but may not be run",
     "running it, or the runtime's check of it, ended with \"permission denied\" (EACCES): no "
     "execute bit, or a noexec mount; shells end with 126",
     "chmod +x in the image, defaultMode 0755 for a ConfigMap, no noexec")
RULE(missing_interpreter,
     "The interpreter of a script, or the loader of a program, is not in the image",
     "running it ended with \"no such file\" (ENOENT) although the file exists; its first line or "
     "its ELF header names what is missing, often with a carriage return (CR) at its end",
     "install the interpreter, use /bin/sh, Unix line ends, or a matching base image")
RULE(exec_format_error,
     "A program is for another architecture, or a script lacks its first line",
     "running it ended with \"exec format error\" (ENOEXEC); the ELF header says for which "
     "machine the program is",
     "build for the node's architecture, pick nodes by kubernetes.io/arch, add #!/bin/sh")
RULE(command_not_found,
     "A command is not in the image, or not in the directories of PATH",
     "the runtime or a program looked for it and there is no such file (ENOENT), or a shell said "
     "\"not found\" and ended with 127",
     "install it, correct command, args or PATH")
RULE(gpu_unavailable,
     "The program wants a GPU, and the container has none",
     "libcuda.so.1 or /dev/nvidia* is not found, or the last messages say that there is no device",
     "request nvidia.com/gpu, set runtimeClassName")
RULE(device_denied,
     "A device that the container was not given",
     "a device file in /dev that is not there (ENOENT), or one that is there and is refused (EPERM) whatever "
     "its owner and mode are",
     "a device plugin that hands it out, or privileged")
RULE(missing_library,
     "A shared library is missing, or too old",
     "the loader's own message, or a library that was searched in every directory right before the "
     "end",
     "install the package that holds it, set LD_LIBRARY_PATH, use a matching base image")
RULE(missing_module,
     "A module of Python, Node, Ruby, Perl, Java, PHP, ... is not installed",
     "the last messages of the program: \"No module named\", \"Cannot find module\", "
     "ClassNotFoundException, ...; in silence: the last thing looked for, and in no directory",
     "install it in the image, correct the working directory or search path")
RULE(wrong_file_type,
     "A directory where a file should be, or the other way round",
     "EISDIR or ENOTDIR from a file call or in the last messages, or an attempt to run a directory",
     "correct subPath or the path; a subPath of a missing key becomes an empty directory")
RULE(syscall_blocked,
     "A seccomp profile forbids a system call",
     "death by SIGSYS, or \"operation not permitted\" (EPERM) from a call that needs no right, in "
     "a container with a seccomp profile",
     "allow the call in the profile, a newer runtime for new calls")
RULE(capability_missing,
     "A call needs a capability that the container does not have",
     "chown, setuid, mount, mlock, ... ended with \"operation not permitted\" (EPERM), or root was "
     "refused a file without DAC_OVERRIDE",
     "do without the call, or add the capability")
RULE(stale_state,
     "A lock, pid or socket file of an earlier run is in the way",
     "listening on a socket file ended with \"address already in use\" (EADDRINUSE) and nobody has it, or the "
     "program says that it runs already, because of a file",
     "remove the file before the start, keep it off the volume")
RULE(port_in_use,
     "Another process has the port already",
     "listening ended with \"address already in use\" (EADDRINUSE); with the holder where it is "
     "known",
     "another port, no second start, no hostNetwork")
RULE(port_privileged,
     "The user may not listen on a port below 1024",
     "\"permission denied\" (EACCES) for a port below 1024",
     "a higher port, the sysctl ip_unprivileged_port_start, or NET_BIND_SERVICE")
RULE(address_not_available,
     "The program listens on an address that the pod does not have",
     "listening ended with \"cannot assign requested address\" (EADDRNOTAVAIL), or there is no "
     "IPv6 (EAFNOSUPPORT)",
     "listen on 0.0.0.0 or on the pod's address")
RULE(dns_failure,
     "A host name could not be resolved",
     "the last messages of the program, or a name server on port 53 that could not be reached",
     "correct the name, CoreDNS, NetworkPolicy for port 53, dnsPolicy")
RULE(dependency_unreachable,
     "A service that the program needs cannot be reached",
     "connecting was refused (ECONNREFUSED), timed out (ETIMEDOUT) or had no route (ENETUNREACH, "
     "EHOSTUNREACH), at once or late, and it did not recover",
     "start the service, retry, allow egress, correct address and port")
RULE(kernel_unsupported,
     "The node's kernel lacks a call, a module or a feature",
     "a call that it does not have (ENOSYS), a file system, protocol or table without its module (ENODEV, "
     "EPROTONOSUPPORT), or a message that names it",
     "load the module on the node, a newer kernel, switch the feature off")
RULE(node_limit,
     "A limit of the node's kernel is reached",
     "a call that counts against a sysctl failed: watching files (ENOSPC, EMFILE), namespaces (ENOSPC), "
     "keys (EDQUOT), semaphores (ENOSPC), asynchronous I/O (EAGAIN), open files of the node (ENFILE), memory "
     "areas; or a message names the sysctl",
     "raise the sysctl on the node, or in the pod spec where it may be set there")
RULE(disk_full,
     "A volume or the node has no space left",
     "writing or making a file ended with \"no space left\" (ENOSPC) or \"quota exceeded\" "
     "(EDQUOT)",
     "enlarge or clear the volume, raise sizeLimit or ephemeral-storage")
RULE(too_many_open_files,
     "The process has no file descriptor left",
     "opening a file, socket, pipe or watch ended with \"too many open files\" (EMFILE)",
     "raise RLIMIT_NOFILE, or close what is opened")
RULE(process_limit,
     "No further process or thread is allowed",
     "starting a process or thread (clone, fork) ended with \"resource temporarily unavailable\" "
     "(EAGAIN)",
     "raise podPidsLimit, or start fewer workers")
RULE(read_only_filesystem,
     "The program writes where nothing can be written",
     "making or changing a file ended with \"read-only file system\" (EROFS)",
     "mount an emptyDir over the directory that is written to, or allow writing to the root file "
     "system")
RULE(permission_denied,
     "Owner and mode of a file or directory refuse the container's user",
     "\"permission denied\" (EACCES) or \"operation not permitted\" (EPERM) for a file, with the "
     "owner and mode that refused it",
     "fsGroup for volumes, defaultMode for Secrets and ConfigMaps, chown in the image for the "
     "rest")
RULE(insecure_file_mode,
     "A program refuses a file because of its owner or mode",
     "the program's own message about a key, password file or data directory that others may read or write",
     "defaultMode or a copy for Secrets, chmod, fsGroupChangePolicy: OnRootMismatch")
RULE(missing_file,
     "A file that the program needs is not there",
     "a file or directory that was not found (ENOENT) and that the last messages name, or the "
     "last one before the end that is not a known search",
     "put the file into the image or a volume, add the key, correct the path or the working "
     "directory")
RULE(cpu_unsupported,
     "The node's processor lacks instructions that the program uses",
     "death by SIGILL, or a message that names AVX, SSE or x86-64-v2 and the like",
     "nodes or a CPU type of the virtual machine that has them, an older or plainer build")
RULE(crashed,
     "A process crashed by itself",
     "it was ended by SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE or SIGTRAP",
     "another version of the program, a build for this processor, more room in /dev/shm")
RULE(listening_on_loopback,
     "The service listens on 127.0.0.1 only",
     "every listening socket of a pod's container is on a loopback address, and somebody outside of the pod was refused "
     "there, or the container was stopped again and again",
     "listen on 0.0.0.0")
RULE(probe_failed,
     "The kubelet's probe or hook fails by itself",
     "a port was asked for from outside again and again where nobody listens, or not yet when the container was stopped; "
     "a command that the runtime ran in the container from outside failed again and again before the container "
     "was stopped, or could not be run at all; or failed once, right after the start",
     "the port where the program listens, a startupProbe; install what it needs in the image, an httpGet probe, "
     "correct the command")
RULE(never_listening,
     "The service never began to listen, and was stopped for it",
     "no listen in ten seconds and more, no command probe, and a stop from outside as in the "
     "run before",
     "find what it waits for, add a startupProbe")
RULE(killed_from_outside,
     "Something outside the container ends it again and again",
     "SIGTERM or SIGKILL from a process outside, 143 or 137, and the run before ended the same "
     "way; or an end with 0 after it, as in the two runs before",
     "correct the liveness probe, add a startupProbe, handle SIGTERM")
RULE(exited_zero,
     "A service that ends with 0 and is restarted again and again",
     "exit code 0, no failure, and at least two runs before it ended the same way",
     "run it in the foreground, or make it a Job")
RULE(bad_configuration,
     "An option, a setting or a variable is unknown, missing or invalid",
     "the last messages of the program name it: \"unknown flag\", \"unknown directive\", \"is not set\", a "
     "syntax error in a file of its configuration",
     "correct it where it stands: the container's args or env, the ConfigMap")
RULE(application_error,
     "The program gave up for a reason of its own",
     "a bad exit status that no failed system call explains; its last message is quoted",
     "do what the message asks for: set the variable that it misses, correct the file and line "
     "that it names")
