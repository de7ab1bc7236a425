// SPDX-License-Identifier: MIT
/*
 * Names of packages that differ from what is missing. Debian's are those of Debian 12 (packages.debian.org,
 * "Search the contents of packages"), Alpine's those of 3.20 (pkgs.alpinelinux.org/contents).
 */
#include "diagnose/text/packages.h"

#include <stddef.h>
#include <string.h>

#include "util/cleanup.h"

static const struct package commands[] = {
	{ "bash", "bash", "bash" },
	{ "curl", "curl", "curl" },
	{ "dig", "dnsutils", "bind-tools" },
	{ "convert", "imagemagick", "imagemagick" },
	{ "envsubst", "gettext-base", "gettext-envsubst" },
	{ "ffmpeg", "ffmpeg", "ffmpeg" },
	{ "ffprobe", "ffmpeg", "ffmpeg" },
	{ "file", "file", "file" },
	{ "free", "procps", "procps" },
	{ "gcc", "gcc", "gcc" },
	{ "git", "git", "git" },
	{ "gosu", "gosu", NULL },
	{ "host", "bind9-host", "bind-tools" },
	{ "ip", "iproute2", "iproute2" },
	{ "iptables", "iptables", "iptables" },
	{ "jq", "jq", "jq" },
	{ "killall", "psmisc", "psmisc" },
	{ "less", "less", "less" },
	{ "lsof", "lsof", "lsof" },
	{ "make", "make", "make" },
	{ "mysql", "default-mysql-client", "mysql-client" },
	{ "mysqladmin", "default-mysql-client", "mysql-client" },
	{ "nc", "netcat-openbsd", "netcat-openbsd" },
	{ "netstat", "net-tools", "net-tools" },
	{ "nslookup", "dnsutils", "bind-tools" },
	{ "openssl", "openssl", "openssl" },
	{ "perl", "perl", "perl" },
	{ "pg_dump", "postgresql-client", "postgresql-client" },
	{ "pg_isready", "postgresql-client", "postgresql-client" },
	{ "pgrep", "procps", "procps" },
	{ "ping", "iputils-ping", "iputils" },
	{ "pip", "python3-pip", "py3-pip" },
	{ "pkill", "procps", "procps" },
	{ "ps", "procps", "procps" },
	{ "psql", "postgresql-client", "postgresql-client" },
	{ "python3", "python3", "python3" },
	{ "redis-cli", "redis-tools", "redis" },
	{ "rsync", "rsync", "rsync" },
	{ "setcap", "libcap2-bin", "libcap" },
	{ "setpriv", "util-linux", "setpriv" },
	{ "socat", "socat", "socat" },
	{ "ss", "iproute2", "iproute2" },
	{ "ssh", "openssh-client", "openssh-client" },
	{ "ssh-keygen", "openssh-client", "openssh-keygen" },
	{ "strace", "strace", "strace" },
	{ "su-exec", NULL, "su-exec" },
	{ "tesseract", "tesseract-ocr", "tesseract-ocr" },
	{ "tini", "tini", "tini" },
	{ "top", "procps", "procps" },
	{ "unzip", "unzip", "unzip" },
	{ "uuidgen", "uuid-runtime", "uuidgen" },
	{ "wget", "wget", "wget" },
	{ "wkhtmltopdf", "wkhtmltopdf", NULL },
	{ "xmllint", "libxml2-utils", "libxml2-utils" },
	{ "xz", "xz-utils", "xz" },
	{ "zip", "zip", "zip" },
};

static const struct package libraries[] = {
	{ "ld-linux-x86-64.so", "libc6", "gcompat" }, /* of what is built for glibc */
	{ "ld-linux-aarch64.so", "libc6", "gcompat" },
	{ "libGL.so", "libgl1", "mesa-gl" },
	{ "libX11.so", "libx11-6", "libx11" },
	{ "libXext.so", "libxext6", "libxext" },
	{ "libXrender.so", "libxrender1", "libxrender" },
	{ "libSM.so", "libsm6", "libsm" },
	{ "libaio.so", "libaio1", "libaio" },
	{ "libasound.so", "libasound2", "alsa-lib" },
	{ "libatk-1.0.so", "libatk1.0-0", "at-spi2-core" },
	{ "libatomic.so", "libatomic1", "libatomic" },
	{ "libcairo.so", "libcairo2", "cairo" },
	{ "libcurl.so", "libcurl4", "libcurl" },
	{ "libexpat.so", "libexpat1", "libexpat" },
	{ "libffi.so", "libffi8", "libffi" },
	{ "libfontconfig.so", "libfontconfig1", "fontconfig" },
	{ "libfreetype.so", "libfreetype6", "freetype" },
	{ "libgbm.so", "libgbm1", "mesa-gbm" },
	{ "libgcc_s.so", "libgcc-s1", "libgcc" },
	{ "libgfortran.so", "libgfortran5", "libgfortran" },
	{ "libglib-2.0.so", "libglib2.0-0", "glib" },
	{ "libgomp.so", "libgomp1", "libgomp" },
	{ "libgssapi_krb5.so", "libgssapi-krb5-2", "krb5-libs" },
	{ "libgthread-2.0.so", "libglib2.0-0", "glib" },
	{ "libicui18n.so", "libicu72", "icu-libs" },
	{ "libicuuc.so", "libicu72", "icu-libs" },
	{ "libjemalloc.so", "libjemalloc2", "jemalloc" },
	{ "libjpeg.so", "libjpeg62-turbo", "libjpeg-turbo" },
	{ "libldap-2.5.so", "libldap-2.5-0", NULL },
	{ "libmagic.so", "libmagic1", "libmagic" },
	{ "libmariadb.so", "libmariadb3", "mariadb-connector-c" },
	{ "libncurses.so", "libncurses6", "ncurses-libs" },
	{ "libnss3.so", "libnss3", "nss" },
	{ "libnuma.so", "libnuma1", "numactl" },
	{ "libodbc.so", "libodbc2", "unixodbc" },
	{ "libpango-1.0.so", "libpango-1.0-0", "pango" },
	{ "libpcre.so", "libpcre3", "pcre" },
	{ "libpcre2-8.so", "libpcre2-8-0", "pcre2" },
	{ "libpng16.so", "libpng16-16", "libpng" },
	{ "libpq.so", "libpq5", "libpq" },
	{ "libreadline.so", "libreadline8", "readline" },
	{ "libsasl2.so", "libsasl2-2", "libsasl" },
	{ "libsndfile.so", "libsndfile1", "libsndfile" },
	{ "libsodium.so", "libsodium23", "libsodium" },
	{ "libsqlite3.so", "libsqlite3-0", "sqlite-libs" },
	{ "libssl.so.3", "libssl3", "libssl3" },
	{ "libcrypto.so.3", "libssl3", "libcrypto3" },
	{ "libstdc++.so", "libstdc++6", "libstdc++" },
	{ "libtinfo.so", "libtinfo6", "ncurses-libs" },
	{ "libuuid.so", "libuuid1", "libuuid" },
	{ "libxml2.so", "libxml2", "libxml2" },
	{ "libxslt.so", "libxslt1.1", "libxslt" },
	{ "libyaml-0.so", "libyaml-0-2", "yaml" },
	{ "libz.so", "zlib1g", "zlib" },
	{ "libzstd.so", "libzstd1", "zstd-libs" },
	{ "libkrb5.so", "libkrb5-3", "krb5-libs" },
	{ "libbz2.so", "libbz2-1.0", "libbz2" },
	{ "liblzma.so", "liblzma5", "xz-libs" },
	{ "libunwind.so", "libunwind8", "libunwind" },
};

const struct package *package_of_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	return NULL;
}

const struct package *package_of_library(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(libraries); i++) {
		size_t len = strlen(libraries[i].name);
		if (!strncmp(name, libraries[i].name, len) && (!name[len] || name[len] == '.'))
			return &libraries[i];
	}
	return NULL;
}

/* Python packages whose name is not that of the module (pypi.org). */
static const struct distribution {
	const char *module, *package;
} distributions[] = {
	{ "Crypto", "pycryptodome" },
	{ "MySQLdb", "mysqlclient" },
	{ "OpenSSL", "pyOpenSSL" },
	{ "PIL", "pillow" },
	{ "attr", "attrs" },
	{ "bs4", "beautifulsoup4" },
	{ "cv2", "opencv-python-headless" },
	{ "dateutil", "python-dateutil" },
	{ "distutils", "setuptools" },
	{ "docx", "python-docx" },
	{ "dotenv", "python-dotenv" },
	{ "fitz", "PyMuPDF" },
	{ "git", "GitPython" },
	{ "google.protobuf", "protobuf" },
	{ "grpc", "grpcio" },
	{ "jose", "python-jose" },
	{ "jwt", "PyJWT" },
	{ "kafka", "kafka-python" },
	{ "ldap", "python-ldap" },
	{ "magic", "python-magic" },
	{ "multipart", "python-multipart" },
	{ "nacl", "PyNaCl" },
	{ "pkg_resources", "setuptools" },
	{ "psycopg2", "psycopg2-binary" },
	{ "serial", "pyserial" },
	{ "skimage", "scikit-image" },
	{ "sklearn", "scikit-learn" },
	{ "yaml", "PyYAML" },
	{ "zmq", "pyzmq" },
};

/* Modules of PyPI that many images need, whose package has the same name. */
static const char *const python_packages[] = { "MySQLdb", "aiohttp", "airflow", "alembic",
	"anthropic", "asyncpg", "authlib", "azure", "bcrypt", "boto3", "botocore", "cachetools",
	"cassandra", "celery", "certifi", "cffi", "channels", "chardet", "charset_normalizer",
	"click", "cryptography", "cx_Oracle", "daphne", "dash", "dask", "decouple", "django",
	"docker", "elasticsearch", "environ", "falcon", "fastapi", "feedparser", "flask", "gevent",
	"google", "graphql", "greenlet", "grpc", "gunicorn", "h5py", "httpx", "hypercorn", "idna",
	"itsdangerous", "jinja2", "joblib", "jsonschema", "keras", "kubernetes", "langchain",
	"loguru", "lxml", "mako", "markdown", "markupsafe", "marshmallow", "matplotlib", "msgpack",
	"mysql", "nltk", "numpy", "openai", "openpyxl", "opentelemetry", "orjson", "packaging",
	"pandas", "paramiko", "passlib", "pika", "playwright", "plotly", "prometheus_client",
	"psutil", "psycopg", "psycopg_pool", "pyarrow", "pyasn1", "pydantic", "pydantic_settings",
	"pygments", "pymongo", "pymysql", "pyodbc", "pyparsing", "pytest", "pytz", "ray", "redis",
	"regex", "requests", "rest_framework", "rich", "rq", "ruamel", "scipy", "seaborn",
	"selenium", "sentry_sdk", "setuptools", "simplejson", "six", "spacy", "sqlalchemy",
	"sqlmodel", "starlette", "streamlit", "structlog", "sympy", "tensorflow", "tenacity",
	"tiktoken", "toml", "torch", "torchvision", "tornado", "tqdm", "transformers", "twisted",
	"typer", "typing_extensions", "tzdata", "ujson", "urllib3", "uvicorn", "uvloop", "waitress",
	"watchdog", "websocket", "websockets", "werkzeug", "wheel", "whitenoise", "wtforms",
	"xgboost", "xmltodict", "yarl", "zeep" };

bool is_known_python_module(const char *module)
{
	size_t len = strcspn(module, ".");

	for (size_t i = 0; i < ARRAY_SIZE(distributions); i++)
		if (!strncmp(distributions[i].module, module, len) && !distributions[i].module[len])
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(python_packages); i++)
		if (!strncmp(python_packages[i], module, len) && !python_packages[i][len])
			return true;
	return false;
}

const char *package_of_python_module(const char *module)
{
	for (size_t i = 0; i < ARRAY_SIZE(distributions); i++)
		if (!strcmp(distributions[i].module, module))
			return distributions[i].package;
	return module;
}
