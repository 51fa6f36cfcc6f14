// SPDX-License-Identifier: GPL-2.0
/* What the program says of faults, here: nothing. They are counted. */
#include "kernel.h"
#include "check.h"
#include "faults.h"

unsigned int faults_found;

int fault(const struct place *place, const char *format, ...)
{
	faults_found++;
	return REFUSED;
}

unsigned int faults(void)
{
	return faults_found;
}

void *need(void *memory)
{
	CHECK(memory, "no memory");
	return memory;
}

char *format_text(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	CHECK(vasprintf(&text, format, args) >= 0, "no memory");
	va_end(args);
	return text;
}
