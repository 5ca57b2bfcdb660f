/* What the program in the kernel tells the one that loaded it. Shared by both. */
#ifndef RECORD_H
#define RECORD_H

#include <linux/types.h>

/* What of a call's arguments is told. */
enum kind {
	NOTHING,
	/* A path, as it was given, and the directory where a relative one begins. */
	NAME,
	/* The path of what a descriptor has open. */
	DESCRIPTOR,
	/* The same, of memory that is to be executed. */
	CODE,
	/* A socket address; of a `struct msghdr` the one in it. */
	ADDRESS,
	MESSAGE,
	/* The first bytes of a socket option's value. Over netlink its protocol, plus one, stands in the upper half of `flags` of the record. */
	OPTION,
};

/* Positions of a call's arguments; none where negative. */
struct shape {
	__u8 kind;
	/* Directory descriptor; the descriptor itself for DESCRIPTOR and CODE; the length of an ADDRESS or an OPTION. */
	__s8 at;
	__s8 name;
	__s8 flags;
	__s8 mode;
	/* The result is a descriptor of what the name led to. */
	__u8 opens;
	/* An ADDRESS is what the kernel wrote, and its length is pointed to; its port is the peer's own. */
	__u8 answers;
	/* Whether a port says nothing: that of a peer to whom an answer goes. */
	__u8 portless;
	/* Whether a message goes that way. Over netlink the protocol, plus one, stands in `flags` of the record, the kind of the first in `mode`. */
	__u8 sends;
};

/* Calls have numbers far below this. */
#define MOST_CALLS 1024

#define LONGEST_NAME 4096
#define LONGEST_ADDRESS 128
#define LONGEST_VALUE 16
/* Room for the longest name, and for a directory of the same length. */
#define TEXT 8192

/* A call that was made for the first time in these words, by somebody with these rights. */
struct record {
	/* The same for the same call: under this number it is counted. */
	__u64 key;
	__u64 capabilities;
	/* 0 for a success, else the negative errno. */
	__s32 result;
	__u32 call;
	/* As the task's own pid namespace numbers its process. */
	__u32 process;
	__u32 user;
	__u32 flags;
	__u32 mode;
	__u8 in_user_namespace;
	/* What follows are the bytes of a socket address. */
	__u8 is_address;
	/* What follows are the bytes of a socket option. */
	__u8 is_value;
	/* The name could not be read. */
	__u8 is_unreadable;
	/* The task sees another file tree than whoever traces: its paths mean nothing outside. */
	__u8 is_elsewhere;
	/*
	 * How many bytes of text follow, and how they are made up: the name; the names on the way from where it begins up to the root; the
	 * same from the task's own root, where it has one; the same from what was opened, of names that lead to where others do not look
	 * (/proc/self/fd/3). Each name has its end.
	 */
	__u32 length;
	__u32 name_length;
	__u32 directory_length;
	__u32 root_length;
};

/* What was not told. */
enum missed {
	/* There was no room for a record. */
	LOST,
	/* A path was too long. */
	CUT,
	MOST_MISSED,
};

#endif
