// SPDX-License-Identifier: MIT
#include "cli/top_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

static void free_rows(struct container_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		container_row_free(&rows[i]);
	free(rows);
}

void top_list_free(struct top_list *l)
{
	free_rows(l->rows, l->n);
	free_rows(l->next, l->n_next);
	free(l->shown);
	*l = (struct top_list){ 0 };
}

int top_list_add(struct top_list *l, const char *line, size_t len)
{
	if (l->n_next == l->capacity) {
		size_t wanted = l->capacity ? l->capacity * 2 : 64;
		struct container_row *rows = reallocarray(l->next, wanted, sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		l->next = rows;
		l->capacity = wanted;
	}
	int err = container_row_read(&l->next[l->n_next], line, len);
	l->n_next += err == 0;
	return err;
}

void top_list_drop(struct top_list *l)
{
	free_rows(l->next, l->n_next);
	l->next = NULL;
	l->n_next = l->capacity = 0;
}

/* Attempts of one container stand together, the latest first. */
static int by_name(const void *a, const void *b)
{
	const struct container_row *x = a, *y = b;

	return strcmp(row_cell(x, COLUMN_NAME), row_cell(y, COLUMN_NAME))
		       ?: (x->created < y->created) - (x->created > y->created)
		       ?: strcmp(x->id, y->id);
}

static int by_rank(const void *a, const void *b)
{
	const struct container_row *x = a, *y = b;

	return (int)x->rank - (int)y->rank ?: by_name(a, b);
}

static bool same_container(const struct container_row *a, const struct container_row *b)
{
	return a->is_pod && b->is_pod &&
	       !strcmp(row_cell(a, COLUMN_NAME), row_cell(b, COLUMN_NAME));
}

#define SWAP(a, b) \
	do { \
		__typeof__(a) swapped_ = (a); \
		(a) = (b); \
		(b) = swapped_; \
	} while (0)

/*
 * The latest attempt stands for all. What failed before is still its diagnosis, and what is explained at a key, until it
 * listens: a pod in a crash loop is not well between two attempts.
 */
static void take_over(struct container_row *latest, struct container_row *earlier)
{
	if (latest->restarts < earlier->restarts) {
		SWAP(latest->restarts, earlier->restarts);
		SWAP(latest->cells[COLUMN_RESTARTS], earlier->cells[COLUMN_RESTARTS]);
	}
	if (earlier->rank != ROW_FAILING || latest->rank == ROW_FAILING || latest->listens)
		return;
	latest->rank = ROW_FAILING;
	SWAP(latest->cells[COLUMN_WRONG], earlier->cells[COLUMN_WRONG]);
	SWAP(latest->root_cause, earlier->root_cause);
	SWAP(latest->id, earlier->id);
}

/* Leaves one row for each container of a pod, and no sandbox that is well. */
static void merge_attempts(struct container_row *rows, size_t *n)
{
	size_t kept = 0;

	qsort(rows, *n, sizeof(*rows), by_name);
	for (size_t i = 0; i < *n; i++) {
		if (kept && same_container(&rows[kept - 1], &rows[i])) {
			take_over(&rows[kept - 1], &rows[i]);
			container_row_free(&rows[i]);
		} else if (rows[i].is_sandbox && rows[i].rank != ROW_FAILING) {
			container_row_free(&rows[i]);
		} else {
			rows[kept++] = rows[i];
		}
	}
	*n = kept;
	qsort(rows, *n, sizeof(*rows), by_rank);
}

static bool matches(const struct container_row *row, const char *filter)
{
	if (!*filter || strcasestr(row->root_cause, filter))
		return true;
	for (int c = 0; c < COLUMNS; c++)
		if (strcasestr(row_cell(row, (enum row_column)c), filter))
			return true;
	return false;
}

/* Which rows are shown; the cursor stays on the container that it was on, or near it. */
static void choose_rows(struct top_list *l, const char *selected)
{
	l->n_shown = 0;
	for (size_t i = 0; i < l->n; i++) {
		if (!matches(&l->rows[i], l->filter))
			continue;
		if (selected && !strcmp(row_cell(&l->rows[i], COLUMN_NAME), selected))
			l->cursor = l->n_shown;
		l->shown[l->n_shown++] = i;
	}
	if (l->cursor >= l->n_shown)
		l->cursor = l->n_shown ? l->n_shown - 1 : 0;
}

static char *selected_name(const struct top_list *l)
{
	const struct container_row *row = top_list_selected(l);

	/* At the top it stays at the top: what fails next is to be seen. */
	return row && l->cursor ? strdup(row_cell(row, COLUMN_NAME)) : NULL;
}

int top_list_finish(struct top_list *l)
{
	_cleanup_free_ char *selected = selected_name(l);
	size_t *shown = reallocarray(l->shown, l->n_next + 1, sizeof(*shown));

	if (!shown)
		return -ENOMEM;
	l->shown = shown;
	if (l->n_next)
		merge_attempts(l->next, &l->n_next);
	free_rows(l->rows, l->n);
	l->rows = take(l->next);
	l->n = l->n_next;
	l->n_next = l->capacity = 0;
	memset(l->counts, 0, sizeof(l->counts));
	for (size_t i = 0; i < l->n; i++)
		l->counts[l->rows[i].rank]++;
	choose_rows(l, selected);
	return 0;
}

void top_list_filter(struct top_list *l, const char *text)
{
	_cleanup_free_ char *selected = selected_name(l);

	snprintf(l->filter, sizeof(l->filter), "%s", text);
	if (l->shown)
		choose_rows(l, selected);
}

void top_list_move(struct top_list *l, long by)
{
	long last = (long)l->n_shown - 1, wanted = (long)l->cursor + by;

	wanted = wanted > last ? last : wanted;
	l->cursor = wanted < 0 ? 0 : (size_t)wanted;
}

const struct container_row *top_list_selected(const struct top_list *l)
{
	return l->n_shown ? &l->rows[l->shown[l->cursor]] : NULL;
}
