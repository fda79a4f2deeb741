# SPDX-License-Identifier: GPL-3.0-or-later
# Figures in the text of documents that stand in no table of their section: "+7.5", "12 %" and each
# number of "16, 17 and 12 %". A figure may be rounded, and may leave out its sign or, of a share, be
# in per cent. "95 %" is the level of intervals. Exits with 1 if there are any.

# Read the first number of text: into `found`, its text; `rest` is what follows.
function next_number(text) {
	if (!match(text, /[-+]?[0-9]+(\.[0-9]+)?/))
		return 0
	found = substr(text, RSTART, RLENGTH)
	rest = substr(text, RSTART + RLENGTH)
	return 1
}

function is_near(figure, cell, digits,    half) {
	half = 0.5001
	while (digits-- > 0)
		half /= 10
	if (figure !~ /^[-+]/ && cell < 0)
		cell = -cell
	return figure - cell <= half && cell - figure <= half
}

function is_in_table(figure,    digits, i) {
	digits = index(figure, ".") ? length(figure) - index(figure, ".") : 0
	for (i = 0; i < nr_cells; i++)
		if (is_near(figure, cells[i], digits) || is_near(figure, cells[i] * 100, digits))
			return 1
	return 0
}

function look_for(where, text) {
	while (next_number(text)) {
		text = rest
		if (found != "95" && !is_in_table(found)) {
			print where ": " found " stands in no table of its section"
			nr_lost++
		}
	}
}

# Look for the figures in each part of text that is like pattern; the text without these parts.
function look_for_all(where, text, pattern,    left, part) {
	left = ""
	while (match(text, pattern)) {
		left = left substr(text, 1, RSTART - 1) ";"
		part = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		look_for(where, part)
	}
	return left text
}

# A paragraph: first what has "%" behind it, then what has a sign.
function look_at(where, text) {
	gsub(/`[^`]*`/, "", text)
	text = look_for_all(where, text, \
		"[-+]?[0-9]+(\\.[0-9]+)?((, | and | to | or |\\/)[-+]?[0-9]+(\\.[0-9]+)?)* ?%")
	look_for_all(where, text, "(^|[ (])[-+][0-9]+(\\.[0-9]+)?")
}

function end_paragraph() {
	if (paragraph != "") {
		wheres[nr_paragraphs] = begun
		paragraphs[nr_paragraphs++] = paragraph
	}
	paragraph = ""
}

function end_section(    i) {
	end_paragraph()
	for (i = 0; i < nr_paragraphs; i++)
		look_at(wheres[i], paragraphs[i])
	nr_paragraphs = nr_cells = 0
}

function take_cells(line,    i, nr, cell, text) {
	nr = split(line, cell, "|")
	for (i = 3; i < nr; i++) {
		text = cell[i]
		while (next_number(text)) {
			cells[nr_cells++] = found + 0
			text = rest
		}
	}
}

FNR == 1 { end_section(); fence = is_table = 0 }
/^```/ { fence = !fence }
fence { next }
/^#/ { end_section(); next }
/^<!-- begin / { is_table = 1 }
/^<!-- end / { is_table = 0 }
/^\|/ && is_table { take_cells($0) }
/^(\||<!--|    |\t|```|[ \t]*$)/ { end_paragraph(); next }
{
	if (paragraph == "")
		begun = FILENAME ":" FNR
	paragraph = paragraph (paragraph == "" ? "" : " ") $0
}
END {
	end_section()
	exit nr_lost > 0
}
