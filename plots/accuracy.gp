# SPDX-License-Identifier: GPL-3.0-or-later
# How right hints are, over ipi_window_ns. Columns: whether KVM sees EOIs. Rows: precision, recall,
# stale (with polluted dotted), then, of one series, KINDS_OF, precision and recall by kind of wait.
# Blocks of DATA, for each column: precision, recall, stale, polluted; then, a curve for each kind of
# wait, kind_precision and kind_recall.

ROW = 158
APART = 12 # between what is of all series and what is of one
GAP = 22
LEFT = 86.0
PITCH = (880 - LEFT + 34) / NR_COLUMNS
NR_ROWS = NR_KINDS > 0 ? 5 : 3
BELOW = tic_turn(PITCH - 34) eq ' norotate' ? 36 : 52 # what is written below the last row
KINDS = NR_KINDS > 0 ? 24 : 0 # the second legend
END = HEAD + GAP + NR_ROWS * ROW + (NR_KINDS > 0 ? APART : 0) # of the last row
top(row) = HEAD + GAP + (row - 1) * ROW + (row > 3 ? APART : 0)
eval open_picture(END + BELOW + LEGEND + KINDS + FOOT)
SUBTITLE = sprintf('VMs %s: how often yields meet the vCPU that is truly waited for; bands span 95 %% confidence%s', SCOPE, \
	FIXED eq '' ? '' : '; '.FIXED)
legend_columns = NR_SERIES < legend_fit ? NR_SERIES + 1 : legend_fit

row_block(row) = word('precision recall stale kind_precision kind_recall', row)
# A kind looks the same in every picture.
kind_number(k) = KIND[k] eq 'csd' ? 1 : KIND[k] eq 'tlb' ? 2 : KIND[k] eq 'lock_holder' ? 3 : KIND[k] eq 'lock_queue' ? 4 : 5
kind_color(k) = word('#009E73 #D55E00 #CC79A7 #8C8C00 #882255', kind_number(k))
kind_point(k) = int(word('6 4 8 12 10', kind_number(k)))

array NAME[5]
NAME[1] = 'precision (%)'
NAME[2] = 'recall (%)'
NAME[3] = 'stale, polluted (%)'
NAME[4] = 'precision by wait (%)'
NAME[5] = 'recall by wait (%)'

# A row has one scale, from 0, the same in all columns.
array HIGH[5]
do for [row = 1:NR_ROWS] {
	eval extent(row_block(row), 0, NR_COLUMNS, row < 4 ? NR_SERIES : NR_KINDS, row < 4 ? '4:4' : '2:2')
	if (row == 3) { most = high; eval extent('polluted', 0, NR_COLUMNS, NR_SERIES, '4:4'); high = most > high ? most : high }
	high = high > 0.5 ? high : 0.5
	HIGH[row] = 1.08 * high > 100 ? 100 : 1.08 * high
}

set multiplot
eval heading
set xrange [X_MIN:X_MAX]
do for [row = 1:NR_ROWS] {
	do for [column = 0:NR_COLUMNS - 1] {
		left = LEFT + column * PITCH
		eval panel(left, left + PITCH - 34, top(row), top(row) + ROW - 22)
		set yrange [0:HIGH[row]]
		if (row == 1) { set title COLUMN[column + 1] offset 0,-0.6 } else { unset title }
		if (row == 4 && KINDS_OF ne '') { set title 'by kind of wait, '.KINDS_OF offset 0,-0.8 textcolor rgb '#444444' }
		if (column == 0) { set ylabel NAME[row] offset 0.5,0; set format y } else { unset ylabel; set format y '' }
		if (row == NR_ROWS) {
			set xlabel X_LABEL offset 0,(tic_turn(PITCH - 34) eq ' norotate' ? 0.3 : -0.3)
			eval 'set xtics '.X_TICS.tic_turn(PITCH - 34)
		} else {
			unset xlabel
			set format x ''
			eval 'set xtics '.X_PLACES
		}
		if (row <= 3) {
			eval 'plot '.curves(row_block(row), column, 1).", for [i = 1:NR_SERIES] DATA index block('polluted', column, i) " . \
				"using 1:(row == 3 ? $2 : NaN) with lines linestyle DOTS linewidth 2 linecolor rgb color(i)"
		} else {
			plot for [k = 1:NR_KINDS] DATA index block(row_block(row), column, k) using 1:3:4 \
					with filledcurves fill transparent solid 0.12 noborder linecolor rgb kind_color(k), \
				for [k = 1:NR_KINDS] DATA index block(row_block(row), column, k) using 1:2 \
					with linespoints pointtype kind_point(k) pointsize 1 linewidth 2 linecolor rgb kind_color(k)
		}
		eval end_heading
	}
}
eval legend(END + BELOW)
eval 'plot '.legend_lines.", NaN with lines linestyle DOTS linewidth 2 linecolor rgb '#666666' title 'polluted'"
if (NR_KINDS > 0) {
	legend_columns = NR_KINDS
	LEGEND_TOP = END + BELOW + LEGEND
	LEGEND = KINDS
	eval legend(LEGEND_TOP)
	plot for [k = 1:NR_KINDS] NaN with linespoints pointtype kind_point(k) linewidth 2 linecolor rgb kind_color(k) title KIND[k]
}
unset multiplot
