# SPDX-License-Identifier: GPL-3.0-or-later
# What all pictures share: the terminal, the colours of the policies, and where things are. What
# stands before it has set FORMAT ("png", "svg"), DATA, OUTPUT, TITLE and CAPTION.

# ---- Terminal --------------------------------------------------------------------------------------

WIDTH = 900.0
FONT = 'DejaVu Sans'
HAS_CAIRO = strstrt(GPVAL_TERMINALS, 'pngcairo') > 0

# eval open_picture(height) starts a picture; the sizes below are in its pixels from now on.
terminal(height) = FORMAT eq 'svg' \
	? sprintf("set terminal svg size %d,%d dynamic font '%s,12' background 'white' noenhanced", WIDTH, height, FONT) \
	: HAS_CAIRO \
	? sprintf("set terminal pngcairo size %d,%d font '%s,9' noenhanced background '#ffffff'", WIDTH, height, FONT) \
	: sprintf("set terminal png truecolor size %d,%d font '%s,9' noenhanced background '#ffffff'", WIDTH, height, FONT)
open_picture(height) = sprintf("HEIGHT = %d.0; %s; set output OUTPUT", height, terminal(height))

# noenhanced: names have underscores, nothing is a formula.
set encoding utf8
set datafile missing 'NaN'

# ---- Data ------------------------------------------------------------------------------------------

# Blocks of DATA have names, which the comment before them begins with. Those of panels of curves say
# what is in them, which panel they are for, from 0, and which curve, from 1.
block(what, place, i) = sprintf('[%s %d %d]', what, place, i)
# eval extent(what, from, end, curves, columns) sets low and high to the least and the greatest value
# in the columns ("3:4") of such blocks, of the panels from `from` to before `end`; to 1e300 and -1e300 if
# there is none.
extent(what, from, end, curves, columns) = sprintf("low = 1e300; high = -1e300; " . \
	"do for [extent_place = %d:%d] { do for [extent_i = 1:%d] { STATS_records = 0; " . \
	"stats DATA index block('%s', extent_place, extent_i) using %s nooutput; " . \
	"if (exists('STATS_records') && STATS_records > 0) { " . \
	"low = STATS_min_x < low ? STATS_min_x : low; high = STATS_max_y > high ? STATS_max_y : high } } }", \
	from, end - 1, curves, what, columns)

# ---- Places ----------------------------------------------------------------------------------------

# Screen coordinates of a pixel, counted from the left and from the top.
sx(x) = x / WIDTH
sy(y) = 1 - y / HEIGHT
# eval panel(left, right, top, bottom) puts the next plot between these pixels.
panel(left, right, top, bottom) = sprintf( \
	"set lmargin at screen %.6f; set rmargin at screen %.6f; set tmargin at screen %.6f; set bmargin at screen %.6f", \
	sx(left), sx(right), sy(top), sy(bottom))

# eval heading: the title, and below it in grey what was varied and how it was measured.
SUBTITLE = ''
heading = "set label 1001 TITLE at screen sx(20), screen sy(20) left font FONT.',12' textcolor rgb '#000000'; " . \
	"set label 1002 SUBTITLE at screen sx(20), screen sy(41) left font FONT.',9' textcolor rgb '#444444'; " . \
	"set label 1003 CAPTION at screen sx(880), screen sy(HEIGHT - 12) right font FONT.',8' textcolor rgb '#777777'"
end_heading = "unset label 1001; unset label 1002; unset label 1003"
HEAD = 58 # pixels that the heading takes
FOOT = 24 # and the caption

set border 3 linecolor rgb '#888888' linewidth 1
set tics nomirror textcolor rgb '#333333' scale 0.5
set grid ytics linetype 1 linecolor rgb '#e4e4e4' linewidth 1
unset key

# How to write the labels of an x axis that has so many pixels: turned if they would touch.
tic_turn(pixels) = X_ROOM * pixels < 6.5 ? ' rotate by 40 right' : ' norotate'

# ---- Times -----------------------------------------------------------------------------------------

time_label(ns) = ns < 1e3 ? sprintf('%g ns', ns) : ns < 1e6 ? sprintf('%g µs', ns / 1e3) \
	: ns < 1e9 ? sprintf('%g ms', ns / 1e6) : sprintf('%g s', ns / 1e9)
# eval time_tics('x', low, high) labels a logarithmic axis of ns. At least a few labels: also 2 and 5
# where there are not two whole decades.
time_tics(axis, low, high) = sprintf("tic_steps = '%s'; tics = ''; do for [decade = 0:11] { " . \
	"do for [k = 1:words(tic_steps)] { at = word(tic_steps, k) * 10 ** decade; " . \
	"tics = tics.(tics eq '' ? '' : ', ').sprintf(\"'%%s' %%.0f\", time_label(at), at) } }; " . \
	"eval 'set %stics ('.tics.')'", high / low < 100 ? '1 2 5' : '1', axis)

# ---- Colours ---------------------------------------------------------------------------------------
# The one place that says which policy has a colour of its own: a pair "candidate+sched". The colours are
# those of Okabe and Ito, which people with any colour vision tell apart, with lighter and darker
# ones for the rarer pairs. Points follow the candidate policy and dashes and hatching the sched
# policy, so a picture can also be read without colours.

candidate_of(p) = strstrt(p, '+') > 1 ? p[1:strstrt(p, '+') - 1] : p
sched_of(p) = strstrt(p, '+') ? p[strstrt(p, '+') + 1:*] : ''

PALETTE = '#0072B2 #E69F00 #009E73 #D55E00 #56B4E9 #CC79A7 #000000 #8C8C00 #999999 #882255'
palette_color(i) = word(PALETTE, (int(i) - 1) % words(PALETTE) + 1)

# A palette's colour with white: t is the part of the colour.
tint(c, t) = int(t * (hex(c[2:3]))) * 65536 + int(t * hex(c[4:5])) * 256 + int(t * hex(c[6:7])) \
	+ int((1 - t) * 255) * 65793
hex(s) = 16 * (strstrt('0123456789ABCDEF', s[1:1]) - 1) + strstrt('0123456789ABCDEF', s[2:2]) - 1

ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789_+'
hash(p) = sum [i = 1:strlen(p)] i * strstrt(ALPHABET, p[i:i])
own_color(p) = \
	p eq 'mainline+mainline'       ? '#000000' : \
	p eq 'mainline+lag_credit'     ? '#E69F00' : \
	p eq 'mainline+debooster_v2'   ? '#CC79A7' : \
	p eq 'mainline+hforfeit'       ? '#8C8C00' : \
	p eq 'v3_strict+mainline'      ? '#56B4E9' : \
	p eq 'v3_strict+lag_credit'    ? '#7FCFB5' : \
	p eq 'v3_strict+debooster_v2'  ? '#F0A070' : \
	p eq 'v3+mainline'             ? '#0072B2' : \
	p eq 'v3+lag_credit'           ? '#009E73' : \
	p eq 'v3+debooster_v2'         ? '#D55E00' : \
	p eq 'v3+hforfeit'             ? '#882255' : \
	candidate_of(p) eq 'none'      ? '#999999' : ''

candidate_point(c) = \
	c eq 'none'      ? 4  : \
	c eq 'mainline'  ? 7  : \
	c eq 'v3_strict' ? 8  : \
	c eq 'v3'        ? 9  : \
	c eq 'oracle'    ? 13 : 5
# Line styles of dashes: solid, long dashes, dots, long and short, short dashes.
set style line 51 dashtype 1
set style line 52 dashtype (14, 5)
set style line 53 dashtype (3, 4)
set style line 54 dashtype (14, 4, 3, 4)
set style line 55 dashtype (7, 4)
DOTS = 53
sched_dash(s) = \
	s eq 'lag_credit'   ? 52 : \
	s eq 'debooster_v2' ? 54 : \
	s eq 'hforfeit'     ? 53 : \
	s eq 'mainline' || s eq '' ? 51 : 55
sched_pattern(s) = \
	s eq 'lag_credit'   ? 4 : \
	s eq 'debooster_v2' ? 5 : \
	s eq 'hforfeit'     ? 6 : \
	s eq 'mainline' || s eq '' ? 3 : 2

# Of the series of a picture: that of its policy if policies set the series apart, else the next one.
# Policies without a colour of their own take one of the palette that is free, the same ones first in
# all pictures.
array COLOR[NR_SERIES > 0 ? NR_SERIES : 1]
taken(c, i) = sum [j = 1:NR_SERIES] (j != i && COLOR[j] eq c)
do for [i = 1:NR_SERIES] { COLOR[i] = '' }
do for [i = 1:NR_SERIES] {
	own = POLICY[i] ne '' ? own_color(POLICY[i]) : palette_color(i)
	COLOR[i] = POLICY[i] ne '' && taken(own, i) ? '' : own
}
do for [i = 1:NR_SERIES] {
	do for [k = 0:words(PALETTE) - 1] {
		next = palette_color(1 + (hash(POLICY[i]) % 8 + k) % words(PALETTE))
		if (COLOR[i] eq '' && !taken(next, i)) { COLOR[i] = next }
	}
}
color(i) = COLOR[i]
point(i) = POLICY[i] ne '' ? candidate_point(candidate_of(POLICY[i])) : int(word('7 4 9 13 6 5 8 12 11 10', i))
dash(i) = POLICY[i] ne '' ? sched_dash(sched_of(POLICY[i])) : int(word('51 52 54 55 53 51 52 54 55 53', i))
pattern(i) = POLICY[i] ne '' ? sched_pattern(sched_of(POLICY[i])) : 3

# ---- Curves ----------------------------------------------------------------------------------------

# eval 'plot '.curves(what, place, size): a line with its band for each series, rows "x mean low high";
# size is that of points.
curves(what, place, size) = sprintf( \
	"for [i = 1:NR_SERIES] DATA index block('%s', %d, i) using 1:3:4 with filledcurves " . \
	"fill transparent solid 0.2 noborder linecolor rgb color(i), " . \
	"for [i = 1:NR_SERIES] DATA index block('%s', %d, i) using 1:2 with linespoints " . \
	"linestyle dash(i) pointtype point(i) pointsize %g linewidth 2 linecolor rgb color(i)", what, place, what, place, size)
# eval 'plot '.legend_lines, in the legend.
legend_lines = "for [i = 1:NR_SERIES] NaN with linespoints linestyle dash(i) pointtype point(i) linewidth 2 " . \
	"linecolor rgb color(i) title LABEL[i]"

# ---- Legend ----------------------------------------------------------------------------------------
# A strip of its own below the panels, so it covers no data.

longest_label = 0
do for [i = 1:NR_SERIES] { longest_label = strlen(LABEL[i]) > longest_label ? strlen(LABEL[i]) : longest_label }
legend_fit = floor((WIDTH - 40) / (longest_label * 6.6 + 62))
legend_columns = legend_fit < 1 || NR_SERIES < 1 ? 1 : legend_fit > NR_SERIES ? NR_SERIES : legend_fit
legend_rows = ceil(NR_SERIES / (1.0 * legend_columns))
LEGEND = legend_rows * 19 + 8 # pixels it takes

# eval legend(top): prepare the strip; plot NaN with titles after it.
legend(top) = sprintf("unset border; unset tics; unset grid; unset xlabel; unset ylabel; unset label; unset title; unset arrow; unset logscale; " . \
	"set key at screen 0.5, screen %.6f center center horizontal Left reverse maxcols %d samplen 3 spacing 1.15 width 1; " . \
	"set xrange [0:1]; set yrange [0:1]; " . \
	"set lmargin at screen 0.02; set rmargin at screen 0.98; set tmargin at screen %.6f; set bmargin at screen %.6f", \
	sy(top + LEGEND / 2.0), legend_columns, sy(top), sy(top + LEGEND))
