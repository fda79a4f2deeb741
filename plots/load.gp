# SPDX-License-Identifier: GPL-3.0-or-later
# Latency of requests against the rate of arrivals. Blocks of DATA: latency, for each
# panel, with rows "x, mean, low, high, mean where it is a lower bound".

ROW = 412
eval open_picture(HEAD + ROW + LEGEND + FOOT)
SUBTITLE = sprintf('Latency of request %s of %s against the rate of arrivals; bands span 95 %% confidence%s', \
	REQUEST, SCOPE, FIXED eq '' ? '' : '; '.FIXED)
legend_columns = NR_SERIES < legend_fit ? NR_SERIES + 1 : legend_fit

# One scale for all panels: a p99 is to be compared with a p50.
eval extent('latency', 0, 2, NR_SERIES, '3:4')
if (high <= 0) { low = 1e3; high = 1e6 }

BOUND = '#C00000'
set multiplot
eval heading
set xrange [X_MIN:X_MAX]
set logscale y
set yrange [low / 1.3:high * 1.3]
set grid xtics ytics linetype 1 linecolor rgb '#e4e4e4' linewidth 1
do for [p = 0:1] {
	left = 78 + p * 420
	eval panel(left, left + 380, HEAD + 24, HEAD + ROW - 74)
	set title PANEL[p + 1] offset 0,-0.6
	eval 'set xtics '.X_TICS.tic_turn(380)
	set xlabel X_LABEL offset 0,0.2
	if (p == 0) { set ylabel 'latency' offset 1,0; eval time_tics('y', low, high) } else { unset ylabel; set format y '' }
	eval 'plot '.curves('latency', p, 1.2).", for [i = 1:NR_SERIES] DATA index block('latency', p, i) using 1:5 " . \
		"with points pointtype 6 pointsize 2.4 linewidth 2 linecolor rgb BOUND"
	eval end_heading
}
eval legend(HEAD + ROW)
eval 'plot '.legend_lines.", ANY_BOUND ? NaN : 1 / 0 with points pointtype 6 pointsize 2 linewidth 2 linecolor rgb BOUND " . \
	"title (ANY_BOUND ? 'arrivals outrun service: a lower bound' : '')"
unset multiplot
