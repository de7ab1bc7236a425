// SPDX-License-Identifier: MIT
#include "record/rfc3339.h"

#include <errno.h>
#include <stdbool.h>

#define NS_PER_S 1000000000ull
#define S_PER_DAY 86400u

/*
 * Days since 1970 to a date of the Gregorian calendar and back, counted in years that begin in March,
 * so that a leap day is a year's last (Howard Hinnant, "chrono-compatible low-level date algorithms").
 */
static void civil_from_days(unsigned days, unsigned *year, unsigned *month, unsigned *day)
{
	unsigned z = days + 719468;
	unsigned era = z / 146097, of_era = z % 146097;
	unsigned y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * y + y / 4 - y / 100);
	unsigned m = (5 * of_year + 2) / 153;

	*day = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = y + era * 400 + (*month <= 2);
}

static unsigned days_from_civil(unsigned year, unsigned month, unsigned day)
{
	unsigned y = year - (month <= 2), era = y / 400, of_era = y % 400;
	unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static char *put_digits(char *out, unsigned value, int digits, char end)
{
	for (int i = digits - 1; i >= 0; i--, value /= 10)
		out[i] = (char)('0' + value % 10);
	out[digits] = end;
	return out + digits + 1;
}

void rfc3339_format(char *out, uint64_t ns)
{
	unsigned year, month, day;
	uint64_t s = ns / NS_PER_S;
	unsigned of_day = (unsigned)(s % S_PER_DAY);

	civil_from_days((unsigned)(s / S_PER_DAY), &year, &month, &day);
	out = put_digits(out, year, 4, '-');
	out = put_digits(out, month, 2, '-');
	out = put_digits(out, day, 2, 'T');
	out = put_digits(out, of_day / 3600, 2, ':');
	out = put_digits(out, of_day / 60 % 60, 2, ':');
	out = put_digits(out, of_day % 60, 2, '.');
	out = put_digits(out, (unsigned)(ns % NS_PER_S), 9, 'Z');
	*out = '\0';
}

/* A number of exactly so many digits followed by `end`, which is stepped over. */
static bool get_digits(const char **text, int digits, char end, unsigned *value)
{
	const char *p = *text;

	*value = 0;
	for (int i = 0; i < digits; i++, p++) {
		if (*p < '0' || *p > '9')
			return false;
		*value = *value * 10 + (unsigned)(*p - '0');
	}
	if (end && *p++ != end)
		return false;
	*text = p;
	return true;
}

int rfc3339_parse(const char *text, uint64_t *ns)
{
	static const unsigned char month_days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	unsigned year, month, day, hour, minute, second, fraction = 0;

	if (!get_digits(&text, 4, '-', &year) || !get_digits(&text, 2, '-', &month) ||
		!get_digits(&text, 2, 'T', &day) || !get_digits(&text, 2, ':', &hour) ||
		!get_digits(&text, 2, ':', &minute) || !get_digits(&text, 2, 0, &second))
		return -EINVAL;
	if (*text == '.') {
		unsigned scale = NS_PER_S / 10;
		if (text[1] < '0' || text[1] > '9')
			return -EINVAL;
		for (text++; *text >= '0' && *text <= '9'; text++, scale /= 10)
			fraction += scale * (unsigned)(*text - '0');
	}
	if (text[0] != 'Z' || text[1] != '\0')
		return -EINVAL;
	if (year < 1970 || year > 2553 || month < 1 || month > 12 || day < 1 ||
		day > month_days[month - 1] || hour > 23 || minute > 59 || second > 59)
		return -EINVAL;
	uint64_t s = (uint64_t)days_from_civil(year, month, day) * S_PER_DAY + hour * 3600 +
		     minute * 60 + second;
	*ns = s * NS_PER_S + fraction;
	return 0;
}
