// SPDX-License-Identifier: GPL-2.0
/* Packets of a file that tcpdump(8) or wireshark(1) wrote, from their network header on. */
#include <pcap/pcap.h>
#include <pcap/sll.h>
#include <string.h>

#include "capture.h"
#include "say.h"

#define ETHERTYPE_AT 12		/* in an Ethernet header */
#define VLAN_LEN 4		/* IEEE 802.1Q */
#define SLL_LEN 16
#define SLL2_LEN 20
#define NULL_LEN 4

static unsigned int be16(const unsigned char *at)
{
	return at[0] << 8 | at[1];
}

/* Of an Ethernet frame: behind its tags. */
static size_t ethernet_len(const unsigned char *frame, size_t len)
{
	size_t at = ETHERTYPE_AT;

	while (at + VLAN_LEN < len && (be16(frame + at) == 0x8100 || be16(frame + at) == 0x88a8))
		at += VLAN_LEN;
	return at + 2;
}

/* Bytes before the network header; -1 where it is not known. */
static int link_len(int type, const unsigned char *frame, size_t len)
{
	switch (type) {
	case DLT_EN10MB:
		return ethernet_len(frame, len);
	case DLT_LINUX_SLL:
		return SLL_LEN;
	case DLT_LINUX_SLL2:
		return SLL2_LEN;
	case DLT_NULL:
	case DLT_LOOP:
		return NULL_LEN;
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return 0;
	default:
		return -1;
	}
}

static int read_each(pcap_t *file, packet_fn packet, void *context)
{
	struct pcap_pkthdr *header;
	const unsigned char *frame;
	int got, before, ret = DONE;

	while (ret == DONE && (got = pcap_next_ex(file, &header, &frame)) == 1) {
		before = link_len(pcap_datalink(file), frame, header->caplen);
		if (before < 0)
			return refuse("packets of the link type %s are not known",
				      pcap_datalink_val_to_name(pcap_datalink(file)));
		if ((size_t)before < header->caplen)
			ret = packet(context, frame + before, header->caplen - before);
		else
			ret = packet(context, frame, 0);
	}
	return ret == DONE && got == PCAP_ERROR ? refuse("%s", pcap_geterr(file)) : ret;
}

/**
 * capture_each() - do something with each packet of a file
 * @path: of the file; `-` is standard input
 * @packet: called with the bytes from the network header on; ends with what is not DONE
 * @context: handed to it
 *
 * Return: DONE, what @packet returned, or REFUSED, which is told.
 */
int capture_each(const char *path, packet_fn packet, void *context)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline(path, why);
	int ret;

	if (!file)
		return refuse("%s", why);
	ret = read_each(file, packet, context);
	pcap_close(file);
	return ret;
}
