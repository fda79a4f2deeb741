# SPDX-License-Identifier: GPL-3.0-or-later
# Throughput by policy and number of VMs. A row for each class of VMs: measured, and the change from
# its base. Blocks of DATA: measured and change, for each row.

ROW = 300
eval open_picture(HEAD + NR_SCOPES * ROW + LEGEND + FOOT)
SUBTITLE = sprintf('Throughput, and its change from %s; bars span 95 %% confidence%s', BASE, \
	FIXED eq '' ? '' : '; '.FIXED)

FAR = 40 # per cent between the least and the greatest change
width = 0.84 / NR_SERIES
place(i) = (i - (NR_SERIES + 1) / 2.0) * width

# The changes that each row has to show.
array LOW[NR_SCOPES]
array HIGH[NR_SCOPES]
do for [row = 0:NR_SCOPES - 1] {
	eval extent('change', row, row + 1, NR_SERIES, '3:4')
	LOW[row + 1] = low < 0 ? low : 0
	HIGH[row + 1] = high > 0 ? high : 0
}

set multiplot
# Thin lines set the groups apart.
do for [x = 1:NR_X - 1] {
	set arrow 100 + x from first x - 0.5, graph 0 to first x - 0.5, graph 1 nohead linecolor rgb '#e4e4e4' back
}
eval heading
# Both sides of a row share this.
row_axes = "top = HEAD + row * ROW + 26; bottom = HEAD + (row + 1) * ROW - 48; " . \
	"set xrange [-0.55:NR_X - 0.45]; set xtics ".X_TICS.tic_turn(350)." scale 0; set xlabel X_LABEL offset 0,0.3"

set errorbars 0.6
do for [row = 0:NR_SCOPES - 1] {
	eval row_axes
	eval panel(528, 880, top, bottom)
	# What is too long for the panel is in the subtitle only.
	title = SCOPE[row + 1].': change from '.BASE
	set title strlen(title) > 54 ? SCOPE[row + 1].': change' : title offset 0,-0.6
	set ylabel 'change (%)' offset 0.5,0
	low = LOW[row + 1]
	high = HIGH[row + 1]
	# A collapse must not hide a gain of a few per cent: then what is far from 0 is compressed.
	if (high - low > FAR) {
		set nonlinear y via asinh(y / 4.0) inverse 4.0 * sinh(y)
		set ytics (-90, -60, -40, -20, -10, -5, -2, 0, 2, 5, 10, 20, 40, 80, 160, 320, 640)
		set ylabel 'change (%), compressed far from 0' offset 0.5,0
		set yrange [low - 1 - 0.15 * abs(low):high + 1 + 0.15 * high]
	} else {
		set ytics autofreq
		room = 0.06 * (high - low) + 0.05
		set yrange [low - room:high + room]
	}
	set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead linecolor rgb (SEVERAL_BASES ? '#777777' : color(BASELINE)) linewidth 1.5 back
	plot for [i = 1:NR_SERIES] DATA index block('change', row, i) using ($1 + place(i)):(IS_BASE[i] ne '' ? NaN : $2):3:4 \
			with yerrorbars pointtype point(i) pointsize 1.1 linewidth 1.8 linecolor rgb color(i)
	unset arrow 1
	unset nonlinear y
	set ytics autofreq
	eval end_heading
}
set errorbars 0.6 linecolor rgb '#777777' linewidth 1.2
do for [row = 0:NR_SCOPES - 1] {
	eval row_axes
	eval panel(78, 430, top, bottom)
	set title SCOPE[row + 1].': measured' offset 0,-0.6
	set ylabel UNIT[row + 1] offset 0.5,0
	set yrange [0:*]
	plot for [i = 1:NR_SERIES] DATA index block('measured', row, i) using ($1 + place(i)):2:3:4:(width * 0.9) \
		with boxerrorbars fill pattern pattern(i) linecolor rgb color(i)
}
eval legend(HEAD + NR_SCOPES * ROW)
plot for [i = 1:NR_SERIES] NaN with boxes fill pattern pattern(i) linecolor rgb color(i) title LABEL[i]
unset multiplot
