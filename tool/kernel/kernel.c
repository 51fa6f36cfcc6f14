// SPDX-License-Identifier: GPL-2.0
/* The functions of kernel.h that are more than a line. */
#include "kernel.h"

#undef vsnprintf

char *skip_spaces(const char *text)
{
	while (isspace(*text))
		text++;
	return (char *)text;
}

char *strim(char *text)
{
	size_t len = strlen(text);

	while (len && isspace(text[len - 1]))
		text[--len] = '\0';
	return skip_spaces(text);
}

const void *memchr_inv(const void *start, int c, size_t bytes)
{
	const u8 *byte = start;

	for (; bytes; bytes--, byte++)
		if (*byte != (u8)c)
			return byte;
	return NULL;
}

/* Of the kernel's one: no blanks, no minus; a plus and a closing newline are taken. */
int kstrtou64(const char *text, unsigned int base, u64 *number)
{
	unsigned long long value;
	char *end;

	if (*text == '+')
		text++;
	if (!(base == 16 ? isxdigit(*text) : isdigit(*text)))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, base);
	if (*end == '\n')
		end++;
	if (*end)
		return -EINVAL;
	if (errno || value > U64_MAX)
		return -ERANGE;
	*number = value;
	return 0;
}

int kstrtou32(const char *text, unsigned int base, u32 *number)
{
	u64 value;
	int ret = kstrtou64(text, base, &value);

	if (!ret && value > U32_MAX)
		ret = -ERANGE;
	if (!ret)
		*number = value;
	return ret;
}

/* The first letter tells, or the second of `on` and `off`. */
int kstrtobool(const char *text, bool *yes)
{
	char c = *text | 0x20;

	if (c == 'o')
		c = (text[1] | 0x20) == 'n' ? 'y' : (text[1] | 0x20) == 'f' ? 'n' : '-';
	*yes = c == 'y' || c == 't' || *text == '1';
	return *yes || c == 'n' || c == 'f' || *text == '0' ? 0 : -EINVAL;
}

int hex_to_bin(unsigned char c)
{
	if (isdigit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool dev_valid_name(const char *name)
{
	if (!*name || strnlen(name, IFNAMSIZ) == IFNAMSIZ)
		return false;
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (; *name; name++)
		if (*name == '/' || *name == ':' || isspace(*name))
			return false;
	return true;
}

/* Like the kernel's, it does not look at what follows. */
bool mac_pton(const char *text, u8 *mac)
{
	int i;

	if (strnlen(text, 3 * ETH_ALEN - 1) < 3 * ETH_ALEN - 1)
		return false;
	for (i = 0; i < ETH_ALEN; i++, text += 3) {
		if (!isxdigit(text[0]) || !isxdigit(text[1]) ||
		    (i < ETH_ALEN - 1 && text[2] != ':'))
			return false;
		mac[i] = hex_to_bin(text[0]) << 4 | hex_to_bin(text[1]);
	}
	return true;
}

static int mac_snprintf(char *to, size_t size, const u8 *mac)
{
	return snprintf(to, size, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
			mac[4], mac[5]);
}

int kernel_vsnprintf(char *to, size_t size, const char *format, va_list args)
{
	char address[INET6_ADDRSTRLEN];
	int family = !strcmp(format, "%pI4") ? AF_INET : !strcmp(format, "%pI6c") ? AF_INET6 : 0;

	if (!strcmp(format, "%pM"))
		return mac_snprintf(to, size, va_arg(args, u8 *));
	if (!family)
		return vsnprintf(to, size, format, args);
	inet_ntop(family, va_arg(args, void *), address, sizeof(address));
	return snprintf(to, size, "%s", address);
}
