#include "environment.h"

#include "mem.h"

#define NAME_MAX 64 // bytes

// The same lists as in packages/uevent/src/reserved-names.ts: a test holds them together.
static const char NAMES[] =
	" CDPATH CLASSPATH COLUMNS COMSPEC DISPLAY EDITOR ENV EUID FCEDIT FIGNORE FPATH GCONV_PATH GETCONF_DIR GLOBIGNORE"
	" HOME HOSTALIASES HOSTFILE HTTP_PROXY HTTPS_PROXY IFS INPUTRC LANG LANGUAGE LINES LOCALDOMAIN LOCPATH LOGNAME MAIL"
	" MAILCHECK MAILPATH MANPATH NIS_PATH NLSPATH NOTIFY_SOCKET OLDPWD OPTARG OPTERR OPTIND PAGER PATH POSIXLY_CORRECT"
	" PPID PROMPT_COMMAND PS1 PS2 PS3 PS4 PWD RES_OPTIONS SHELL SHELLOPTS SHLVL TEMP TERM TERMCAP TERMINFO TERMINFO_DIRS"
	" TMOUT TMP TMPDIR TZ TZDIR UID USER VISUAL ZDOTDIR ";

static const char PREFIXES[] =
	" ALSA_ AWK BASH BLKID_ CARGO_ CURL_ DBUS_ DOTNET_ DYLD_ GAWK GCC_ GIO_ GIT_ GLIBC_ GOROOT GOPATH GST_ GTK_ HIST JAVA_"
	" JDK_ KRB5 KSH LC_ LD_ LESS LIBMOUNT_ LISTEN_ LUA_ LVM_ MAKEF MALLOC_ MODPROBE_ NODE_ NPM_ OPENSSL_ PERL PHP PYTHON"
	" QT_ RESOLV_ RUBY SASL_ SSH_ SSL_ SUDO_ SYSTEMD_ TCL WATCHDOG_ XDG_ ZSH ";

/** Whether the name is one of the words of a list, or begins with one. */
static int is_listed(const char *list, const char *name, size_t length, int prefixes)
{
	for (const char *word = list + 1; *word != '\0';) {
		size_t size = 0;
		while (word[size] != ' ')
			size++;
		if ((prefixes ? size <= length : size == length) && memcmp(word, name, size) == 0)
			return 1;
		word += size + 1;
	}
	return 0;
}

static int is_plain(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		int is_letter = name[i] >= 'A' && name[i] <= 'Z';
		int is_other = (name[i] >= '0' && name[i] <= '9') || name[i] == '_';
		if (!is_letter && (i == 0 || !is_other))
			return 0;
	}
	return length > 0 && length <= NAME_MAX;
}

static int is_allowed(const char *pair)
{
	static const char FUNCTION[] = "() {"; // old shells run what follows
	size_t length = 0;
	while (pair[length] != '=')
		length++;
	if (!is_plain(pair, length) || is_listed(NAMES, pair, length, 0) || is_listed(PREFIXES, pair, length, 1))
		return 0;
	const char *value = pair + length + 1;
	return strlen(value) < sizeof FUNCTION - 1 || memcmp(value, FUNCTION, sizeof FUNCTION - 1) != 0;
}

void environment_make(struct environment *environment, const struct uevent *event)
{
	static char home[] = "HOME=/", path[] = "PATH=/sbin:/bin:/usr/sbin:/usr/bin";
	size_t count = 0;
	environment->refused = NULL;
	environment->variables[count++] = home;
	environment->variables[count++] = path;
	for (const char *pair = NULL; (pair = uevent_next(event, pair)) != NULL;) {
		if (uevent_value(pair, "SEQNUM") != NULL)
			continue; // with /dev/mdev.seq, busybox mdev waits two seconds at each gap in it
		if (is_allowed(pair) && count < 2 + VARIABLES_MAX)
			environment->variables[count++] = (char *)pair;
		else if (environment->refused == NULL)
			environment->refused = pair;
	}
	environment->variables[count] = NULL;
}
