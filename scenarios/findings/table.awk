# SPDX-License-Identifier: GPL-3.0-or-later
# A Markdown table. Three files: the rows to show and the columns to show, each as VALUE or
# TEXT=VALUE in a line, none for all; then lines
#   label TAB format TAB row TAB column TAB estimate TAB low TAB high
# corner is what the rows are. Formats: change (per cent, with its sign), percent (of a fraction),
# share (two decimals), number.

function add(entry, values, texts, nr,    at) {
	at = index(entry, "=")
	# JSON may hold a "=" but begins with a bracket.
	if (entry ~ /^[{[]/)
		at = 0
	values[nr] = at ? substr(entry, at + 1) : entry
	texts[values[nr]] = at ? substr(entry, 1, at - 1) : entry
}

function decimals(format, x) {
	if (format == "share")
		return 2
	if (format != "number")
		return 1
	if (x < 0)
		x = -x
	return x >= 100 ? 0 : x >= 10 ? 1 : 2
}

function text_of(format, digits, x,    text) {
	text = sprintf("%." digits "f", format == "percent" ? x * 100 : x)
	if (text ~ /^-[0.]*$/)
		text = substr(text, 2)
	return text
}

function signed(format, digits, x,    text) {
	text = text_of(format, digits, x)
	return format == "change" && text !~ /^-/ ? "+" text : text
}

function cell_text(format, x, low, high,    digits, below, above, longer) {
	digits = decimals(format, x)
	if (low == "" && high == "")
		return signed(format, digits, x)
	if (low != "" && high != "") {
		# One that is hardly longer to one side is told by that side.
		below = x - low
		above = high - x
		longer = text_of(format, digits, below > above ? below : above)
		if (longer == text_of(format, digits, below > above ? above : below) ||
		    below < 1.1 * above && above < 1.1 * below)
			return signed(format, digits, x) " ±" longer
	}
	return signed(format, digits, x) " [" (low == "" ? "-∞" : signed(format, digits, low)) ", " \
		(high == "" ? "∞" : signed(format, digits, high)) "]"
}

FNR == 1 { file++ }
file < 3 && $0 == "" { next }
file == 1 { add($0, rows, row_text, nr_rows++); rows_given = 1; next }
file == 2 { add($0, columns, column_text, nr_columns++); columns_given = 1; next }
{
	split($0, f, "\t")
	if (!((f[1]) in seen_label)) {
		seen_label[f[1]] = 1
		labels[nr_labels++] = f[1]
	}
	if (!rows_given && !(f[3] in row_text))
		add(f[3], rows, row_text, nr_rows++)
	if (!columns_given && !(f[4] in column_text)) {
		columns[nr_columns++] = f[4]
		column_text[f[4]] = f[4]
	}
	cell[f[1], f[3], f[4]] = cell_text(f[2], f[5] + 0, f[6], f[7])
	used[f[1], f[4]] = 1
}
END {
	line = "| " corner " |"
	rule = "|---|"
	for (l = 0; l < nr_labels; l++)
		for (c = 0; c < nr_columns; c++) {
			if (!((labels[l], columns[c]) in used))
				continue
			shown[c] = 1
			between = labels[l] != "" && column_text[columns[c]] != "" ? ": " : ""
			line = line " " labels[l] between column_text[columns[c]] " |"
			rule = rule "---|"
		}
	for (c = 0; c < nr_columns; c++)
		if (!(c in shown))
			missing = missing "\nno column " columns[c]
	print line
	print rule
	for (r = 0; r < nr_rows; r++) {
		line = "| " row_text[rows[r]] " |"
		nr_cells = 0
		for (l = 0; l < nr_labels; l++)
			for (c = 0; c < nr_columns; c++) {
				if (!((labels[l], columns[c]) in used))
					continue
				text = "-"
				if ((labels[l], rows[r], columns[c]) in cell) {
					text = cell[labels[l], rows[r], columns[c]]
					nr_cells++
				}
				line = line " " text " |"
			}
		print line
		if (!nr_cells)
			missing = missing "\nno row " rows[r]
	}
	if (missing != "") {
		print "table:" missing >"/dev/stderr"
		exit 1
	}
}
