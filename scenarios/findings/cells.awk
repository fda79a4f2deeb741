# SPDX-License-Identifier: GPL-3.0-or-later
# Figures with their 95 % intervals out of what oversub writes, as lines
#   row TAB column TAB estimate TAB low TAB high
# An end that does not exist is empty; both are if there is no interval.
#   kind=mean    axis, scope, metric; sweep.json, then result.json of each point
#   kind=change  axis, scope, metric; sweep.json, then what `compare --json` prints; in per cent
#   kind=matrix  field and perhaps part; matrix.csv
# The JSON is our own: oversub writes a metric, an axis and a point in a line each.

# The strings of a JSON array that begins at text, into list; how many.
function strings(text, list,    nr, c, inside, word) {
	nr = 0
	for (; text != ""; text = substr(text, 2)) {
		c = substr(text, 1, 1)
		if (inside && c == "\\") {
			word = word substr(text, 2, 1)
			text = substr(text, 2)
		} else if (c == "\"") {
			inside = !inside
			if (inside)
				word = ""
			else
				list[++nr] = word
		} else if (inside) {
			word = word c
		} else if (c == "]") {
			break
		}
	}
	return nr
}

# What follows "key": in text; "" if it is not there.
function after(text, key,    at) {
	at = index(text, "\"" key "\": ")
	return at ? substr(text, at + length(key) + 4) : ""
}

function has(text, key) {
	return index(text, "\"" key "\": ") > 0
}

function string_after(text, key,    list) {
	strings(after(text, key) "]", list)
	return list[1]
}

function fail(message) {
	print "cells: " message >"/dev/stderr"
	failed = 1
	exit 1
}

# The number at "key": times scale; "" if it is null.
function end_of(text, key, scale) {
	text = after(text, key)
	return text ~ /^null/ ? "" : text * scale
}

function emit(row, column, estimate, low, high) {
	print row "\t" column "\t" estimate "\t" low "\t" high
}

# ---- sweep.json ----

/^    \{"path": / {
	path[++nr_axes] = string_after($0, "path")
	if (path[nr_axes] == axis || axis == "" && nr_axes == 1)
		row_axis = nr_axes
}

/^    \{"directory": / {
	point = string_after($0, "directory")
	strings(after($0, "values"), values)
	row[point] = values[row_axis]
	column[point] = ""
	for (a = 1; a <= nr_axes; a++) {
		if (a == row_axis)
			continue
		name = path[a]
		sub(/.*\./, "", name)
		column[point] = column[point] (column[point] == "" ? "" : ", ") \
			(name == "policies" ? "" : name " ") values[a]
	}
}

# ---- result.json and compare --json ----

kind != "matrix" && nr_axes && !row_axis { fail("the sweep has no axis " axis) }

FNR == 1 && FILENAME ~ /result\.json$/ {
	point = FILENAME
	sub(/\/result\.json$/, "", point)
	sub(/.*points\//, "points/", point)
}

/^    "other": / {
	point = string_after($0, "other")
	sub(/.*points\//, "points/", point)
}

/^ +"[^"]*": \{$/ {
	here = $0
	gsub(/^ +"|": \{$/, "", here)
}

here == scope && index($0, "\"" metric "\": {\"unit\"") {
	if (kind == "mean") {
		estimate = after($0, "mean") + 0
		half = after($0, "ci95") + 0
		scale = 1
	} else {
		if (after($0, "relative") ~ /^null/)
			next
		estimate = after($0, "relative") * 100
		half = 0
		if (after($0, "base") + 0)
			half = after($0, "ci95") / after($0, "base") * 100
		scale = 100
	}
	prefix = kind == "change" && has($0, "relative_low") ? "relative_" : ""
	if (prefix != "" || kind == "mean" && has($0, "low"))
		emit(row[point], column[point], estimate, end_of($0, prefix "low", scale),
		     end_of($0, prefix "high", scale))
	else if (after($0, "ci95") ~ /^null/ || !has($0, "ci95"))
		emit(row[point], column[point], estimate, "", "")
	else
		emit(row[point], column[point], estimate, estimate - half, estimate + half)
}

# ---- matrix.csv ----

# The fields of a line of CSV into list; how many.
function csv(text, list,    nr, c, quoted, word) {
	nr = 0
	word = ""
	for (; text != ""; text = substr(text, 2)) {
		c = substr(text, 1, 1)
		if (c == "\"" && quoted && substr(text, 2, 1) == "\"") {
			word = word c
			text = substr(text, 2)
		} else if (c == "\"") {
			quoted = !quoted
		} else if (c == "," && !quoted) {
			list[++nr] = word
			word = ""
		} else {
			word = word c
		}
	}
	list[++nr] = word
	return nr
}

# The column of the first of these names that there is; 0: none.
function column_of(first, second) {
	return first in at ? at[first] : second in at ? at[second] : 0
}

kind == "matrix" && FNR == 1 {
	nr = csv($0, names)
	for (i = 1; i <= nr; i++)
		at[names[i]] = i
	estimate_at = column_of(field "_percent", field)
	if (!estimate_at)
		fail("no column " field " in " FILENAME)
	low_at = column_of(field "_low", field "_percent_low")
	high_at = column_of(field "_high", field "_percent_high")
	half_at = column_of(field "_half_width", field "_percent_half_width")
	next
}

kind == "matrix" {
	csv($0, list)
	if (part != "" && list[at["part"]] != part)
		next
	estimate = list[estimate_at]
	if (estimate == "")
		next
	low = high = ""
	if (low_at) {
		low = list[low_at]
		high = list[high_at]
	} else if (half_at && list[half_at] != "") {
		low = estimate - list[half_at]
		high = estimate + list[half_at]
	}
	emit(list[at["policy"]], list[at["conditions"]], estimate, low, high)
}
