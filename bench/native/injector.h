#ifndef BENCH_INJECTOR_H
#define BENCH_INJECTOR_H

#include <linux/netlink.h>
#include <stdint.h>
#include <sys/socket.h>

#define RUN 64

/** The uevent group of a network namespace, spoken to: at most RUN events with one call of the system. */
struct injector {
	int fd;
	struct mmsghdr messages[RUN];
	struct iovec parts[RUN][2]; // header, payload
	struct nlmsghdr headers[RUN];
	union {
		struct cmsghdr header;
		uint8_t bytes[CMSG_SPACE(sizeof(struct ucred))];
	} from;
};

/** In the network namespace of this process. Ends the program if it may not. */
void injector_open(struct injector *injector);

/** Says the event of `payload` there, which has no SEQNUM, as number `index` of the next call. */
void injector_put(struct injector *injector, uint32_t index, const void *payload, uint32_t length);

/** Sends what was put. Ends the program where the kernel answers with an error. */
void injector_send(struct injector *injector, uint32_t count);

#endif
