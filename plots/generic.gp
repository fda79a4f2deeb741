# SPDX-License-Identifier: GPL-3.0-or-later
# A metric over the first axis of a sweep. Blocks of DATA: metric.

eval open_picture(HEAD + 380 + LEGEND + FOOT)
SUBTITLE = sprintf('%s of %s; %s', METRIC, SCOPE, 'bands and bars span 95 % confidence').(FIXED eq '' ? '' : '; '.FIXED)

set multiplot
eval heading
eval panel(90, 870, HEAD + 14, HEAD + 380 - 52)
set xrange [X_MIN:X_MAX]
set offsets 0, 0, graph 0.05, graph 0.05
eval 'set xtics '.X_TICS.tic_turn(780)
set xlabel X_LABEL offset 0,0.2
set ylabel Y_LABEL offset 0.5,0
if (X_CATEGORICAL) {
	# Nothing is between two categories: no lines.
	shift(i) = (i - (NR_SERIES + 1) / 2.0) * 0.3 / NR_SERIES
	plot for [i = 1:NR_SERIES] DATA index block('metric', 0, i) using ($1 + shift(i)):2:3:4 \
		with yerrorbars pointtype point(i) pointsize 1.3 linewidth 1.8 linecolor rgb color(i)
} else {
	eval 'plot '.curves('metric', 0, 1.2)
}
eval end_heading
set offsets 0, 0, 0, 0
eval legend(HEAD + 380)
eval 'plot '.legend_lines
unset multiplot
