# SPDX-License-Identifier: GPL-3.0-or-later
# One IPI from send to EOI, a row for each vCPU that matters. Blocks of DATA: intervals "from to
# bottom top VM" of work, spin, in KVM, preempted, yielded, halted, woken; the IPI in flight; yields
# to the one that is waited for, and to others; the steps "time row number place"; labels.

PITCH = 58
TOP = HEAD + 16
BOTTOM = TOP + NR_ROWS * PITCH
STEPS = BOTTOM + 62
legend_columns = 4
KEYS = 10
LEGEND = 3 * 19 + 8
eval open_picture(STEPS + NR_STEPS * 17 + 10 + LEGEND + FOOT)
SUBTITLE = SHOWN

HOST = 0x555555
PREEMPTED = 0xE8A0A0
YIELDED = 0xBFA9DB
HALTED = 0xcccccc
WOKEN = 0xE9E08A
FLIGHT = '#7B3F9E'
RIGHT = '#000000'
WRONG = '#C00000'

set multiplot
eval heading
eval panel(130, 870, TOP, BOTTOM)
set xrange [FROM:TO]
set yrange [NR_ROWS - 0.5:-0.5]
set xlabel 'time since the ICR write (µs)' offset 0,0.3
unset grid
set border 1
tics = ''
do for [i = 1:NR_ROWS] {
	tics = tics.(i > 1 ? ', ' : '').sprintf("'%s' %d", ROW[i], i - 1)
}
eval 'set ytics ('.tics.') scale 0'
set xtics autofreq
set style arrow 1 head filled size screen 0.009,18 linecolor rgb RIGHT linewidth 1.6
set style arrow 2 head filled size screen 0.009,18 linecolor rgb WRONG linewidth 1.6
set style arrow 3 head filled size screen 0.009,18 linecolor rgb FLIGHT linewidth 1.8 dashtype 3
do for [i = 1:NR_STEPS] {
	set label 300 + i sprintf('%d', i) at screen sx(34), screen sy(STEPS + (i - 1) * 17) center font FONT.',8' textcolor rgb '#ffffff' front
	set object 300 + i circle at screen sx(34), screen sy(STEPS + (i - 1) * 17) size screen 0.009 front fillcolor rgb '#333333' fillstyle solid noborder
	set label 400 + i STEP[i] at screen sx(50), screen sy(STEPS + (i - 1) * 17) left font FONT.',8.5' textcolor rgb '#222222'
}
plot DATA index 'work:' using 1:3:1:2:3:4:(tint(palette_color($5), 0.6)) with boxxyerror fill solid 1 noborder linecolor rgb variable, \
	DATA index 'spin:' using 1:3:1:2:3:4:(tint(palette_color($5), 0.18)) with boxxyerror fill solid 1 noborder linecolor rgb variable, \
	DATA index 'spin:' using 1:3:1:2:3:4:(tint(palette_color($5), 1.0)) with boxxyerror fill transparent pattern 4 noborder linecolor rgb variable, \
	DATA index 'in KVM:' using 1:3:1:2:3:4 with boxxyerror fill solid 1 noborder linecolor rgb HOST, \
	DATA index 'preempted:' using 1:3:1:2:3:4 with boxxyerror fill solid 1 noborder linecolor rgb PREEMPTED, \
	DATA index 'yielded:' using 1:3:1:2:3:4 with boxxyerror fill solid 1 noborder linecolor rgb YIELDED, \
	DATA index 'halted:' using 1:3:1:2:3:4 with boxxyerror fill solid 1 noborder linecolor rgb HALTED, \
	DATA index 'woken:' using 1:3:1:2:3:4 with boxxyerror fill solid 1 noborder linecolor rgb WOKEN, \
	DATA index 'the IPI in flight:' using 1:2:3:4 with vectors arrowstyle 3, \
	DATA index 'yields to others:' using 1:2:(0):3 with vectors arrowstyle 2, \
	DATA index 'yields to the one it waits for:' using 1:2:(0):3 with vectors arrowstyle 1, \
	DATA index 'labels:' using 1:2:3 with labels font FONT.',7.5' textcolor rgb '#000000', \
	DATA index 'steps:' using 1:($2 - 0.45):($4 - $1):(0) with vectors nohead linecolor rgb '#333333' linewidth 0.8, \
	DATA index 'steps:' using 4:($2 - 0.45) with points pointtype 7 pointsize 1.7 linecolor rgb '#333333', \
	DATA index 'steps:' using 4:($2 - 0.45):(sprintf('%d', $3)) with labels font FONT.',7' textcolor rgb '#ffffff'
do for [i = 1:NR_STEPS] {
	unset label 300 + i
	unset label 400 + i
	unset object 300 + i
}
eval end_heading

eval legend(STEPS + NR_STEPS * 17 + 4)
plot for [i = 1:NR_SERIES] NaN with boxes fill solid 1 noborder linecolor rgb tint(palette_color(i), 0.6) title LABEL[i].' works', \
	NaN with boxes fill pattern 4 noborder linecolor rgb tint(palette_color(1), 1.0) title 'spins (hatched)', \
	NaN with boxes fill solid 1 noborder linecolor rgb HOST title 'in KVM', \
	NaN with lines linewidth 6 linecolor rgb PREEMPTED title 'off its CPU: preempted', \
	NaN with lines linewidth 6 linecolor rgb YIELDED title 'off its CPU: it yielded', \
	NaN with lines linewidth 6 linecolor rgb HALTED title 'off its CPU: halted', \
	NaN with lines linewidth 6 linecolor rgb WOKEN title 'woken, waits for a CPU', \
	NaN with vectors arrowstyle 3 title 'the IPI in flight', \
	NaN with vectors arrowstyle 1 title 'yield to the right vCPU', \
	NaN with vectors arrowstyle 2 title 'yield to another one'
unset multiplot
