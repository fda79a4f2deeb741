# SPDX-License-Identifier: GPL-3.0-or-later
# Policies (rows) by conditions (columns): the change of throughput against the base row of each
# column and, if there is a bystander, the drift of its share. Blocks of DATA: change, drift, with rows
# "column row percent text marked unfair".

CELL_HEIGHT = 21
PANELS = BYSTANDER eq '' ? 1 : 2
GAP = 26

# Space for labels, at about 6.3 pixels a character.
row_room = 0
do for [i = 1:NR_ROWS] { row_room = strlen(ROW_LABEL[i]) > row_room ? strlen(ROW_LABEL[i]) : row_room }
column_room = 0
do for [i = 1:NR_COLUMNS] { column_room = strlen(COLUMN_LABEL[i]) > column_room ? strlen(COLUMN_LABEL[i]) : column_room }
LEFT = 30 + row_room * 6.9
LEFT = LEFT < 110 ? 110 : LEFT

# Cells are as wide as 900 pixels allow, not below 46.
CELL_WIDTH = floor((900 - 20 - LEFT - (PANELS - 1) * GAP) / (1.0 * PANELS * NR_COLUMNS))
CELL_WIDTH = CELL_WIDTH < 46 ? 46 : CELL_WIDTH > 110 ? 110 : CELL_WIDTH
PANEL = CELL_WIDTH * NR_COLUMNS
# Column labels are turned if they would touch.
TURNED = column_room * 6.4 > CELL_WIDTH
BELOW = TURNED ? 14 + column_room * 6.4 * 0.72 : 24
# What the first turned label has left of its column must not leave the picture.
WIDTH = LEFT + PANELS * PANEL + (PANELS - 1) * GAP + 20
WIDTH = WIDTH < 620 ? 620.0 : 1.0 * WIDTH
TOP = HEAD + 34
END = TOP + NR_ROWS * CELL_HEIGHT
KEY = 40 # the scale of colours
eval open_picture(END + BELOW + KEY + FOOT)
SUBTITLE = sprintf('%%, against the base of each column, paired. Dot: p < 0.05, corrected over all %d cells (Holm).', NR_TESTS) . \
	(PANELS > 1 ? sprintf(' Frame: a drift beyond %g %%, likewise.', LIMIT) : '')

# The scale: white at 0, compressed far from it, from vermillion to blue, which any eye tells apart.
COMPRESS = 4.0
LARGEST = 100.0
scaled(v) = (v < -LARGEST ? -1 : v > LARGEST ? 1 : asinh(v / COMPRESS) / asinh(LARGEST / COMPRESS))
mix(a, b, t) = int(a + (b - a) * t + 0.5)
shade(t, r, g, b) = 65536 * mix(255, r, t) + 256 * mix(255, g, t) + mix(255, b, t)
colour(v) = v < 0 ? shade(-scaled(v), 190, 70, 0) : shade(scaled(v), 0, 90, 165)
is_dark(v) = abs(scaled(v)) > 0.72

set multiplot
# Places on the right follow the width of this picture.
set label 1001 TITLE at screen sx(20), screen sy(20) left font FONT.',12' textcolor rgb '#000000'
set label 1002 SUBTITLE at screen sx(20), screen sy(41) left font FONT.',9' textcolor rgb '#444444'
set label 1003 CAPTION at screen sx(WIDTH - 20), screen sy(HEIGHT - 12) right font FONT.',8' textcolor rgb '#777777'
set border 0
unset grid
unset xtics
unset ytics
set xrange [-0.5:NR_COLUMNS - 0.5]
set yrange [NR_ROWS - 0.5:-0.5]
MARK_X = 0.5 - 6.0 / CELL_WIDTH
MARK_Y = 0.5 - 6.0 / CELL_HEIGHT
do for [panel = 0:PANELS - 1] {
	left = LEFT + panel * (PANEL + GAP)
	eval panel(left, left + PANEL, TOP, END)
	set label 1 (panel ? 'CPU share of '.BYSTANDER : 'throughput of '.SCOPE) at screen sx(left + PANEL / 2.0), screen sy(TOP - 13) \
		center font FONT.',10' textcolor rgb '#000000'
	do for [c = 1:NR_COLUMNS] {
		if (TURNED) {
			set label 100 + c COLUMN_LABEL[c] at screen sx(left + (c - 0.4) * CELL_WIDTH), screen sy(END + 8) right rotate by 42 \
				textcolor rgb '#333333'
		} else {
			set label 100 + c COLUMN_LABEL[c] at screen sx(left + (c - 0.5) * CELL_WIDTH), screen sy(END + 12) center \
				textcolor rgb '#333333'
		}
	}
	if (panel == 0) {
		do for [r = 1:NR_ROWS] {
			set label 500 + r ROW_LABEL[r] at screen sx(LEFT - 8), screen sy(TOP + (r - 0.5) * CELL_HEIGHT) right textcolor rgb '#000000'
		}
	}
	plot DATA index (panel ? 'drift:' : 'change:') using 1:2:(0.49):(0.48):(colour($3)) with boxxyerror fill solid noborder linecolor rgb variable, \
		DATA index (panel ? 'drift:' : 'change:') using 1:2:(is_dark($3) ? '' : stringcolumn(4)) with labels textcolor rgb '#000000', \
		DATA index (panel ? 'drift:' : 'change:') using 1:2:(is_dark($3) ? stringcolumn(4) : '') with labels textcolor rgb '#ffffff', \
		DATA index (panel ? 'drift:' : 'change:') using ($1 + MARK_X):(int($5) && !is_dark($3) ? $2 - MARK_Y : NaN) with points pointtype 7 pointsize 0.45 linecolor rgb '#000000', \
		DATA index (panel ? 'drift:' : 'change:') using ($1 + MARK_X):(int($5) && is_dark($3) ? $2 - MARK_Y : NaN) with points pointtype 7 pointsize 0.45 linecolor rgb '#ffffff', \
		DATA index (panel ? 'drift:' : 'change:') using 1:(int($6) ? $2 : NaN):(0.48):(0.45) with boxxyerror fill empty border linecolor rgb '#000000' linecolor rgb '#000000' linewidth 1.6
	do for [r = 1:NR_ROWS] { unset label 500 + r }
	unset label 1
	do for [c = 1:NR_COLUMNS] { unset label 100 + c }
	unset label 1001
	unset label 1002
	unset label 1003
}

# The scale, as cells of its own.
STEPS = '-100 -40 -20 -10 -5 -2 -1 0 +1 +2 +5 +10 +20 +40 +100'
eval panel(WIDTH / 2 - 255, WIDTH / 2 + 255, END + BELOW + 14, END + BELOW + 30)
set xrange [0.5:words(STEPS) + 0.5]
set yrange [0:1]
set samples words(STEPS)
plot '+' using (step = int(column(0)) + 1):(0.5):(0.5):(0.5):(colour(real(word(STEPS, step)))) with boxxyerror fill solid noborder linecolor rgb variable, \
	'+' using (step = int(column(0)) + 1):(0.5):(is_dark(real(word(STEPS, step))) ? '' : word(STEPS, step)) with labels font FONT.',8' textcolor rgb '#000000', \
	'+' using (step = int(column(0)) + 1):(0.5):(is_dark(real(word(STEPS, step))) ? word(STEPS, step) : '') with labels font FONT.',8' textcolor rgb '#ffffff'
unset multiplot
