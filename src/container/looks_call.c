// SPDX-License-Identifier: MIT
/* A look at the call that a process does not come back from: details of it ask for the process' memory and files. */
#include "container/helper.h"
#include "container/looks_parts.h"

struct call_answer {
	struct blocked_call call; /* without .syscall, which points into the worker */
	bool waits;               /* .syscall is set */
};

int look_serve_call(struct unpack *u, void *reply, size_t size)
{
	struct call_answer answer;
	uint32_t pid = (uint32_t)unpack_number(u);
	bool details = unpack_number(u);

	memset(&answer, 0, sizeof(answer));
	int rc = u->bad || size < sizeof(answer) ? -EBADMSG
						 : blocked_read(pid, details, &answer.call);
	if (rc)
		return rc;
	answer.waits = answer.call.syscall;
	answer.call.syscall = NULL;
	memcpy(reply, &answer, sizeof(answer));
	return (int)sizeof(answer);
}

int look_at_call(uint32_t pid, bool details, struct blocked_call *out)
{
	uint64_t question[] = { pid, details };
	struct call_answer answer;
	int len = helper_ask(LOOK_CALL, question, sizeof(question), &answer, sizeof(answer));

	if (len == -ENOTCONN)
		return blocked_read(pid, details, out);
	int rc = checked(len, sizeof(answer));
	if (rc)
		return rc;
	check_bool(&answer.waits);
	END(answer.call.process.comm);
	END(answer.call.holder.comm);
	END(answer.call.path);
	END(answer.call.address);
	answer.call.syscall = answer.waits ? blocked_call_name(answer.call.call.nr) : NULL;
	*out = answer.call;
	return 0;
}
