// SPDX-License-Identifier: GPL-2.0
/* Ctrl-C, a terminal that goes away, kill: what is half done is taken back first. */
#include <signal.h>

#include "interrupt.h"

static volatile sig_atomic_t caught;

static void note(int number)
{
	(void)number;
	caught = 1;
}

/**
 * interrupt_catch() - from here on such a signal ends no more than a system call
 */
void interrupt_catch(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = note };
	unsigned int i;

	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		sigaction(numbers[i], &action, NULL);
}

/**
 * interrupted() - was there one?
 *
 * Return: whether there was.
 */
bool interrupted(void)
{
	return caught;
}
