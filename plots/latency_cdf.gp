# SPDX-License-Identifier: GPL-3.0-or-later
# Distributions of latencies. Blocks of DATA: latency, for each panel, with rows "ns, share
# of values that are longer". The scale of y is logarithmic in that share, so that every
# nine of a percentile gets the same room.

COLUMNS = NR_PANELS > 1 ? 2 : 1
ROWS = ceil(NR_PANELS / (1.0 * COLUMNS))
ROW = NR_PANELS > 2 ? 280 : 330
eval open_picture(HEAD + ROWS * ROW + LEGEND + FOOT)
SUBTITLE = 'Share of requests and waits that took no longer than x'.(SHOWN eq '' ? '' : '; '.SHOWN)

set multiplot
eval heading
set logscale xy
set yrange [1:LEAST]
set ytics ('0' 1, '50 %%' 0.5, '90 %%' 0.1, '99 %%' 0.01, '99.9 %%' 0.001)
set grid xtics ytics linetype 1 linecolor rgb '#e4e4e4' linewidth 1
do for [p = 1:NR_PANELS] {
	column = (p - 1) % COLUMNS
	row = (p - 1) / COLUMNS
	left = COLUMNS == 1 ? 90 : 78 + column * 450
	eval panel(left, COLUMNS == 1 ? 870 : left + 350, HEAD + row * ROW + 24, HEAD + (row + 1) * ROW - 44)
	set title PANEL[p] offset 0,-0.6
	set xlabel 'latency' offset 0,0.3
	set ylabel 'percentile' offset 1,0
	eval sprintf('low = PANEL_MIN_%d; high = PANEL_MAX_%d', p, p)
	eval time_tics('x', low, high)
	set xrange [low:high]
	plot for [i = 1:NR_SERIES] DATA index block('latency', p - 1, i) using 1:($2 < LEAST ? LEAST : $2) \
		with lines linestyle dash(i) linewidth 2 linecolor rgb color(i)
	eval end_heading
}
eval legend(HEAD + ROWS * ROW)
plot for [i = 1:NR_SERIES] NaN with lines linestyle dash(i) linewidth 2 linecolor rgb color(i) title LABEL[i]
unset multiplot
