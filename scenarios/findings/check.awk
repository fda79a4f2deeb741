# SPDX-License-Identifier: GPL-3.0-or-later
# Whether a table claims what comes out: the file of the claim, then that of the present. Cells such
# as "+7.5 ±1.1", "+7.5 [+6.4, +8.9]" and "0.50" may differ by 1.5 times the sum of the half-widths
# of both intervals towards each other, and by what rounding makes of it; all other text not at all.

# Read the number at the beginning of text; the rest stays in `rest`.
function number(text) {
	match(text, /^[+-]?[0-9]+(\.[0-9]+)?/)
	rest = RLENGTH > 0 ? substr(text, RLENGTH + 1) : text
	return RLENGTH > 0 ? substr(text, 1, RLENGTH) : ""
}

# The end of an interval, "-∞" and "∞", too.
function end_of(text) {
	return text == "-∞" ? -1e30 : text == "∞" ? 1e30 : text + 0
}

# Read a cell into figure["value"], ["below"], ["above"] and ["unit"]; whether it is a figure.
function read_cell(text, figure,    value, digits, at) {
	value = number(text)
	if (value == "")
		return 0
	figure["value"] = value + 0
	figure["below"] = figure["above"] = 0
	digits = index(value, ".") ? length(value) - index(value, ".") : 0
	figure["unit"] = 1
	while (digits-- > 0)
		figure["unit"] /= 10
	if (rest ~ /^ ±[0-9.]+$/) {
		sub(/^ ±/, "", rest)
		figure["below"] = figure["above"] = rest + 0
	} else if (rest ~ /^ \[(-∞|[-+0-9.]+), (∞|[-+0-9.]+)\]$/) {
		at = index(rest, ", ")
		figure["below"] = value - end_of(substr(rest, 3, at - 3))
		figure["above"] = end_of(substr(rest, at + 2, length(rest) - at - 2)) - value
	} else if (rest != "") {
		return 0
	}
	return 1
}

function verdict(old, new,    difference, room) {
	if (old == new)
		return "same"
	if (!read_cell(old, claim) || !read_cell(new, now))
		return "OTHER"
	difference = now["value"] - claim["value"]
	if (difference > 0) {
		room = claim["above"] + now["below"]
	} else {
		room = claim["below"] + now["above"]
		difference = -difference
	}
	return difference <= 1.5 * room + claim["unit"] * 1.001 ? "within" : "OTHER"
}

function strip(text) {
	gsub(/^ +| +$/, "", text)
	return text
}

function compare_rows(old, new,    nr_old, nr_new, i, a, b, result) {
	nr_old = split(old, a, "|")
	nr_new = split(new, b, "|")
	if (nr_old != nr_new || strip(a[2]) != strip(b[2]))
		return compare_text(old, new)
	for (i = 3; i < nr_new; i++) {
		result = verdict(strip(a[i]), strip(b[i]))
		printf "  %-6s  %-46s claimed %-20s now %s\n", result, strip(b[2]) ", " title[i], \
			strip(a[i]), strip(b[i])
		bad += result == "OTHER"
	}
}

function compare_text(old, new) {
	if (old == new)
		return
	bad++
	print "  OTHER   claimed: " old
	print "          now:     " new
}

NR == FNR { was[nr_old++] = $0; next }
{
	new = $0
	old = FNR <= nr_old ? was[FNR - 1] : "(nothing)"
	if (new !~ /^\|/ || new ~ /^\|---/) {
		compare_text(old, new)
	} else if (!in_table++) {
		compare_text(old, new)
		nr = split(new, title, "|")
		for (i = 1; i <= nr; i++)
			title[i] = strip(title[i])
	} else {
		compare_rows(old, new)
	}
	nr_new = FNR
}
END {
	for (i = nr_new; i < nr_old; i++)
		compare_text(was[i], "(nothing)")
	exit bad > 0
}
