/* SPDX-License-Identifier: MIT */
/*
 * Known messages of the tools that start scripts call: downloads, packages, archives, a change of user. Rows of
 * known_messages.c, which reads this file before its own: it names the tool's own setting where others are general.
 */
// clang-format off

/* curl, where it was built to look for the system's own list. */
#define NO_TRUST_LIST(path) \
	{ "error setting certificate file: " path, "missing_file", "the list of trusted authorities, " path ", is not there", \
		"Install ca-certificates in the image.", NULL }

#define UNREADABLE_KEY(pattern) \
	{ pattern, CONFIG, "ssh cannot read the private key in {path}", \
		"Make the Secret from the key's own file (`kubectl create secret generic NAME --from-file=FILE`): it ends with a line break " \
		"behind `-----END`, has no Windows line ends, and is the private key and not the .pub.", \
		NULL }

	/* --- headers of HTTP: what a client's library says of a value with a line break in it --- */
	HEADER_LINE_BREAK("Invalid header value b'{value}\\n'"),           /* Python: http.client */
	HEADER_LINE_BREAK("return character(s) in header value: '"),        /* requests */
	HEADER_LINE_BREAK("Newline or carriage return character detected in HTTP status message or header"), /* aiohttp */
	HEADER_LINE_BREAK("invalid header field value for \""),             /* Go */
	HEADER_LINE_BREAK("Invalid character in header content ["),         /* Node.js */
	HEADER_LINE_BREAK("header field value cannot include CR/LF"),       /* Ruby */
	/* --- curl and what uses its library, such as git; wget --- */
	{ "SSL certificate problem: unable to get", CONFIG,
		"the server's certificate comes from an authority that is not trusted here",
		"Mount the authority's certificate and name it (curl: --cacert or CURL_CA_BUNDLE, git: GIT_SSL_CAINFO); where it is a public "
		"one, install ca-certificates in the image.",
		NULL },
	{ "SSL certificate problem: self", CONFIG,
		"the server's certificate comes from an authority that is not trusted here",
		"Mount the authority's certificate and name it (curl: --cacert or CURL_CA_BUNDLE, git: GIT_SSL_CAINFO).", NULL },
	NO_TRUST_LIST("/etc/ssl/certs/ca-certificates.crt"),
	NO_TRUST_LIST("/etc/pki/tls/certs/ca-bundle.crt"),
	NO_TRUST_LIST("/etc/ssl/cert.pem"),
	{ "error setting certificate file: {path}", "missing_file", "the file of trusted authorities, {path}, is not there or holds none",
		"Mount the Secret or ConfigMap that has the authority's certificate at {path}, or correct the path (--cacert, "
		"CURL_CA_BUNDLE); for the public ones install ca-certificates in the image and leave the option out.",
		NULL },
	UNREADABLE_KEY("Load key \"{path}\": error in libcrypto"), /* OpenSSH with OpenSSL 3 */
	UNREADABLE_KEY("Load key \"{path}\": invalid format"),
	{ "The certificate of '{host}' is not trusted", CONFIG,
		"the server's certificate comes from an authority that is not trusted here",
		"Install ca-certificates in the image; where the authority is your own, mount its certificate and name it with "
		"--ca-certificate.",
		NULL },
	{ "cannot verify {host}'s certificate", CONFIG,
		"the server's certificate comes from an authority that is not trusted here",
		"Install ca-certificates in the image; where the authority is your own, mount its certificate and name it with "
		"--ca-certificate.",
		NULL },
	NO_TLS_THERE("SSL routines:{value}wrong version number"),  /* OpenSSL: curl, Node.js, Ruby, PHP */
	NO_TLS_THERE("[SSL: WRONG_VERSION_NUMBER]"),               /* Python */
	NO_TLS_THERE("server gave HTTP response to HTTPS client"), /* Go */
	NO_TLS_THERE("first record does not look like a TLS handshake"),
	NO_TLS_THERE("Unsupported or unrecognized SSL message"),   /* Java */
	{ "returned error: 404", APP, "the server answers, and has nothing under that address",
		"Correct the path of the URL.", NULL },
	{ "ERROR 404: Not Found", APP, "the server answers, and has nothing under that address",
		"Correct the path of the URL.", NULL },
	{ "returned error: 401", CONFIG, "the server answers, and wants to know who asks",
		"Give the request its token or password, from a Secret.", NULL },
	{ "ERROR 401: Unauthorized", CONFIG, "the server answers, and wants to know who asks",
		"Give the request its token or password, from a Secret.", NULL },
	{ "URL rejected: ", CONFIG, "what it was given is no URL; a variable in it may be empty",
		"Set the variable that the URL is made of, and write the URL out: scheme, host, port and path.", NULL },
	{ "Protocol \"{name}\" not supported", CONFIG, "{name}, with which the URL begins, is no protocol that curl knows",
		"Correct the beginning of the URL: quotes or a blank of the variable that it comes from may be part of it.",
		NULL },
	/* --- packages --- */
	{ "Unable to locate package {name}", APP, "no list that apt has names a package {name}",
		"Correct the name {name}; when the image is built, `apt-get update` belongs into the same RUN, before the install.",
		NULL },
	{ "{name} (no such package):", APP, "none of apk's repositories has a package {name}",
		"Correct the name {name}, or add the repository that has it to /etc/apk/repositories.", NULL },
	{ "No matching distribution found for {name}", APP,
		"pip found no release {name} for this Python and machine, or did not reach its index",
		"Install it when the image is built, where the index can be reached, in a version that is released for the "
		"image's Python.",
		NULL },
	{ "Couldn't find a package.json file in \"{path}\"", "missing_file", "{path} is not where the application lies",
		"Let workingDir name the directory that has package.json, and see that no volume is mounted over it.", NULL },
	/* --- archives --- */
	{ "This does not look like a tar archive", APP, "the file is no tar archive",
		"Fetch it again and see what it is: a failed download is a page of HTML (`curl -f` refuses those).", NULL },
	{ "cannot find zipfile directory in one of {name} or", APP, "{name} is no zip archive, or only the beginning of one",
		"Fetch {name} again and see what it is: a failed download is a page of HTML (`curl -f` refuses those).", NULL },
	{ "End-of-central-directory signature not found", APP, "the file is no zip archive, or only the beginning of one",
		"Fetch it again and see what it is: a failed download is a page of HTML (`curl -f` refuses those).", NULL },
	/* --- rsync --- */
	{ "rsync error: error in rsync protocol data stream (code 12)", "dependency_unreachable",
		"the rsync at the other end ended at once: it is not installed there, or ssh or its daemon let nobody in",
		"See the line before it: install rsync at the other end, or correct the login and the path there.", NULL },
	/* --- another user --- */
	{ "on a file system with the 'nosuid' option set", CONFIG, NO_SETUID("sudo") },
	{ "{path} must be owned by uid 0 and have the setuid bit set", CONFIG, NO_SETUID("sudo") },
	{ "a terminal is required to read the password", CONFIG, NO_PASSWORD },
	{ "no tty present and no askpass program specified", CONFIG, NO_PASSWORD },
	{ "is not in the sudoers file", CONFIG, NO_PASSWORD },
	{ "This account is currently not available", CONFIG, "the user's shell in /etc/passwd is nologin",
		"Name a shell (`su -s /bin/sh`), or let the container run as that user (runAsUser) without su.", NULL },
	{ "su: must be suid to work properly", CONFIG, NO_SETUID("su") },
	/* --- the network: what the kernel answers by netlink is no failed call --- */
	{ "RTNETLINK answers: Operation not permitted", "capability_missing", "only a process with NET_ADMIN may change the network",
		"Add the capability NET_ADMIN; it works for a container that runs as root.",
		"{list}:\n  - name: {container}\n    securityContext:\n      capabilities:\n        add: [NET_ADMIN]\n" },
