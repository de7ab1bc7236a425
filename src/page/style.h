/* SPDX-License-Identifier: MIT */
#ifndef KTRACE_PAGE_STYLE_H
#define KTRACE_PAGE_STYLE_H

extern const char page_style[]; /* CSS: light, dark, and for paper */

#endif
