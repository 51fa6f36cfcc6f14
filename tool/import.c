// SPDX-License-Identifier: GPL-2.0
/* `minifw import`: what another filter says, as minifw.conf(5). */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "import.h"
#include "options.h"
#include "say.h"

static int finish(struct imported *imported)
{
	int status = imported_show(imported, stdout);

	imported_clear(imported);
	keep_nothing();
	return status;
}

/**
 * command_import() - `import iptables|ip6tables|nft|ufw [--lenient] [FILE…]`
 * @argc: how many words
 * @argv: they
 *
 * Return: DONE, REFUSED or USAGE.
 */
int command_import(int argc, char **argv)
{
	struct imported imported = {};
	const struct option_row rows[] = { { "lenient", &imported.lenient, NULL }, {} };
	const char *what;
	int ret = options_read(rows, &argc, &argv);

	if (ret != DONE)
		return ret;
	what = argc ? argv[0] : "";
	if (!strcmp(what, "iptables") && argc <= 3) {
		import_iptables(&imported, argc > 1 ? argv[1] : "-", "ip");
		if (argc > 2)
			import_iptables(&imported, argv[2], "ip6");
	} else if (!strcmp(what, "ip6tables") && argc <= 2) {
		import_iptables(&imported, argc > 1 ? argv[1] : "-", "ip6");
	} else if (!strcmp(what, "nft") && argc <= 2) {
		import_nft(&imported, argc > 1 ? argv[1] : "-");
	} else if (!strcmp(what, "ufw") && argc <= 2) {
		import_ufw(&imported, argc > 1 ? argv[1] : "/etc/ufw");
	} else {
		return usage("import iptables [FILE [FILE6]] | ip6tables [FILE] | nft [FILE] | ufw [FOLDER]");
	}
	return finish(&imported);
}
