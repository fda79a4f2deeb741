# SPDX-License-Identifier: GPL-3.0-or-later
# What a design says of its parameters: bars with intervals. Blocks of DATA: study, one for each panel,
# with rows "place, first, its low, its high, total, its low, its high".

BAR = 26
# Labels of parameters take about 6.6 pixels a character.
room = 0
do for [i = 1:NR_FACTORS] { room = strlen(FACTOR[i]) > room ? strlen(FACTOR[i]) : room }
LEFT = 34 + room * 6.6
PANEL_HEIGHT = NR_FACTORS * BAR + 56
eval open_picture(HEAD + NR_PANELS * PANEL_HEIGHT + 4 + FOOT)
SUBTITLE = sprintf('%s of %s, design %s. Bars: %s%s; lines span 95 %% confidence.', METRIC, SCOPE, DESIGN, FIRST, \
	TOTAL eq '' ? '' : ' (light), '.TOTAL.' (dark)')

set multiplot
eval heading
set yrange [NR_FACTORS - 0.5:-0.5]
set yzeroaxis linetype 1 linecolor rgb '#888888' linewidth 1
unset grid
set grid xtics linetype 1 linecolor rgb '#e4e4e4' linewidth 1
ticks = ''
do for [i = 1:NR_FACTORS] { ticks = ticks.(i > 1 ? ', ' : '').sprintf("FACTOR[%d] %d", i, i - 1) }
eval 'set ytics ('.ticks.')'
set style fill solid 1.0 noborder
has_total = TOTAL ne ''
# Both bars lie side by side within a place.
offset = has_total ? 0.19 : 0
thick = has_total ? 0.17 : 0.28
do for [p = 0:NR_PANELS - 1] {
	top = HEAD + p * PANEL_HEIGHT + 26
	eval panel(LEFT, 870, top, top + NR_FACTORS * BAR)
	set title PANEL[p + 1] offset 0,-0.7
	set xrange [*:*]
	name = block('study', p, 1)
	plot DATA index name using (0.5 * $2):($1 - offset):(0.5 * abs($2)):(thick) with boxxyerror linecolor rgb '#56B4E9' notitle, \
		DATA index name using 2:($1 - offset):3:4 with xerrorbars pointtype 7 pointsize 0.4 linewidth 1.6 linecolor rgb '#00507A' notitle, \
		DATA index name using (has_total ? 0.5 * $5 : NaN):($1 + offset):(0.5 * abs($5)):(thick) with boxxyerror linecolor rgb '#0072B2' notitle, \
		DATA index name using (has_total ? $5 : NaN):($1 + offset):6:7 with xerrorbars pointtype 7 pointsize 0.4 linewidth 1.6 linecolor rgb '#000000' notitle
	eval end_heading
}
unset multiplot
