// SPDX-License-Identifier: GPL-2.0
/* Lists of minifw.conf(5), in normal form, and the same for nft. */
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "say.h"

/**
 * words_read() - take a list apart
 * @words: takes it
 * @value: the list, perhaps behind `!`, or `@SET`
 */
void words_read(struct words *words, const char *value)
{
	char *rest = keep("%s", value + (*value == '!')), *word;

	*words = (struct words){ .negated = *value == '!' };
	if (*rest == '@') {
		words->set = rest + 1;
		return;
	}
	while ((word = strsep(&rest, ",")) && words->count < WORDS_MAX)
		words->word[words->count++] = word;
}

/**
 * words_have() - is it in the list?
 * @words: the list
 * @word: what is looked for
 *
 * Return: whether it is one of the words.
 */
bool words_have(const struct words *words, const char *word)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		if (!strcmp(words->word[i], word))
			return true;
	return false;
}

static const char *show(const struct words *words, const char *quote)
{
	char *text;
	size_t size, i;
	FILE *out = need(open_memstream(&text, &size));
	const char *shown;

	fprintf(out, "%s", words->count > 1 ? "{ " : "");
	for (i = 0; i < words->count; i++)
		fprintf(out, "%s%s%s%s", i ? ", " : "", quote, words->word[i], quote);
	fprintf(out, "%s", words->count > 1 ? " }" : "");
	fclose(out);
	shown = keep("%s", text);
	free(text);
	return shown;
}

/**
 * words_nft() - the words as nft has them behind an expression
 * @words: the list, without a set
 *
 * Return: one word, or an anonymous set of them.
 */
const char *words_nft(const struct words *words)
{
	return show(words, "");
}

/**
 * words_quoted() - words_nft(), with a quote around each
 * @words: the list, without a set
 *
 * Return: the text.
 */
const char *words_quoted(const struct words *words)
{
	return show(words, "\"");
}
