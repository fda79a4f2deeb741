# SPDX-License-Identifier: GPL-3.0-or-later
# The curve over ipi_window_ns and its reasons. Columns: whether KVM sees EOIs. Blocks of DATA, for
# each column: throughput, wait (its p99), precision of hints, tracked (share of yields to the receiver
# of a tracked IPI), and stale (share of stale ones).

ROW = 205
GAP = 22
LEFT = 86.0
PITCH = (880 - LEFT + 34) / NR_COLUMNS
BELOW = tic_turn(PITCH - 34) eq ' norotate' ? 36 : 52 # what is written below the last row
eval open_picture(HEAD + GAP + 4 * ROW + BELOW + LEGEND + FOOT)
SUBTITLE = sprintf('VMs %s: effect of the IPI recency window; bands span 95 %% confidence%s', SCOPE, \
	FIXED eq '' ? '' : '; '.FIXED)
legend_columns = NR_SERIES < legend_fit ? NR_SERIES + 1 : legend_fit
row_block(row) = word('throughput wait precision tracked', row + 1)

array NAME[4]
NAME[1] = UNIT_REQUESTS
NAME[2] = WAIT.' p99 ('.UNIT_WAIT.')'
NAME[3] = 'yields to the right target (%)'
NAME[4] = 'yields by tracked IPI (%)'

# A row has one scale: the same in all columns. Shares start at 0.
array LOW[4]
array HIGH[4]
do for [row = 0:3] {
	eval extent(row_block(row), 0, NR_COLUMNS, NR_SERIES, '3:4')
	if (row >= 2) { low = 0; high = high > 0 ? high : 0 }
	if (high < low) { low = 0; high = 1 }
	room = high > low ? 0.08 * (high - low) : 1
	LOW[row + 1] = row < 2 ? low - room : 0
	HIGH[row + 1] = row >= 2 && high + room > 100 ? 100 : high + room
}

set multiplot
eval heading
set xrange [X_MIN:X_MAX]
do for [row = 0:3] {
	do for [column = 0:NR_COLUMNS - 1] {
		left = LEFT + column * PITCH
		eval panel(left, left + PITCH - 34, HEAD + GAP + row * ROW, HEAD + GAP + (row + 1) * ROW - 22)
		set yrange [LOW[row + 1]:HIGH[row + 1]]
		if (row == 0) { set title COLUMN[column + 1] offset 0,-0.6 } else { unset title }
		if (column == 0) { set ylabel NAME[row + 1] offset 0.5,0; set format y } else { unset ylabel; set format y '' }
		if (row == 3) {
			set xlabel X_LABEL offset 0,(tic_turn(PITCH - 34) eq ' norotate' ? 0.3 : -0.3)
			eval 'set xtics '.X_TICS.tic_turn(PITCH - 34)
		} else {
			unset xlabel
			set format x ''
			eval 'set xtics '.X_PLACES
		}
		eval 'plot '.curves(row_block(row), column, 1).", for [i = 1:NR_SERIES] DATA index block('stale', column, i) " . \
			"using 1:(row == 3 ? $2 : NaN) with lines linestyle DOTS linewidth 2 linecolor rgb color(i)"
		eval end_heading
	}
}
eval legend(HEAD + GAP + 4 * ROW + BELOW)
eval 'plot '.legend_lines.", NaN with lines linestyle DOTS linewidth 2 linecolor rgb '#666666' title 'of these stale'"
unset multiplot
