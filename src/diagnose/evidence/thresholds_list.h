/* SPDX-License-Identifier: MIT */
/* Where the engine stops looking, on the scale of clues_list.h. Read more than once. */
// clang-format off
THRESHOLD(culprit, -602, "a process below it is not called the one that ended the container")
THRESHOLD(nearly_equal, 10, "of processes as near as this the one deeper in the tree is named")
THRESHOLD(heard, -805, "what a process below it said is not read")
THRESHOLD(speaks_for_itself, -347, "a failure that only words tell of is believed of a process above it")
THRESHOLD(failure, -1498, "a failed call below it explains nothing")
THRESHOLD(traced, -805, "whether something else led to a failure below it is not asked")
THRESHOLD(traced_gap, 300, "nor for one that is this far below the likeliest")
THRESHOLD(explained, -805, "an explanation below it is not given")
THRESHOLD(mentioned, -900, "a failed call below it is not mentioned where nothing explains the end")
THRESHOLD(rival, 60, "another explanation as near as this is named in the summary")
THRESHOLD(call_tells, -347, "a failed call below it is not told in place of what known words mean")
