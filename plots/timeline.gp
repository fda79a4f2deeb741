# SPDX-License-Identifier: GPL-3.0-or-later
# A few milliseconds of a trace. Blocks of DATA: boxes "from to bottom top VM" of work, spin, host
# (a vCPU in KVM) and host threads; preemptions; yields to the right target, to others, and in vain;
# interrupts in flight; labels. The first row of each is empty.

PITCH = 30
TOP = HEAD + 10
BOTTOM = TOP + NR_ROWS * PITCH
KEYS = NR_SERIES + 8
legend_columns = 4
legend_rows = ceil(KEYS / 4.0)
LEGEND = legend_rows * 19 + 8
eval open_picture(BOTTOM + 46 + LEGEND + FOOT)
SUBTITLE = SHOWN

# Work is a tint of the VM's colour, on which black text can be read.
work(i) = tint(palette_color(i), 0.6)
spin(i) = tint(palette_color(i), 1.0)
THREAD = 0xbbbbbb
HOST = 0x555555
RIGHT = '#000000'
WRONG = '#C00000'
FLIGHT = '#7B3F9E'

set multiplot
eval heading
eval panel(68, 880, TOP, BOTTOM)
set xrange [0:LENGTH]
set yrange [NR_ROWS - 0.5:-0.5]
set xlabel 'time (ms)' offset 0,0.3
unset grid
set border 1
tics = ''
do for [i = 1:NR_ROWS] {
	tics = tics.(i > 1 ? ', ' : '').sprintf("'%s' %d", CPU[i], i - 1)
	set arrow 200 + i from graph 0, first i - 1 to graph 1, first i - 1 nohead linecolor rgb '#eeeeee' back
}
eval 'set ytics ('.tics.') scale 0'
set xtics autofreq
set style fill solid 1 noborder
set style arrow 1 head filled size screen 0.008,18 linecolor rgb RIGHT linewidth 1.4
set style arrow 2 head filled size screen 0.008,18 linecolor rgb WRONG linewidth 1.4
set style arrow 3 nohead linecolor rgb FLIGHT linewidth 1.2 dashtype 3
plot DATA index 'work:' using 1:3:1:2:3:4:(work($5)) with boxxyerror fill solid 1 noborder linecolor rgb variable, \
	DATA index 'spin:' using 1:3:1:2:3:4:(tint(palette_color($5), 0.18)) with boxxyerror fill solid 1 noborder linecolor rgb variable, \
	DATA index 'spin:' using 1:3:1:2:3:4:(spin($5)) with boxxyerror fill transparent pattern 4 noborder linecolor rgb variable, \
	DATA index 'host thread:' using 1:3:1:2:3:4 with boxxyerror fill solid 1 noborder linecolor rgb THREAD, \
	DATA index 'host:' using 1:3:1:2:3:4 with boxxyerror fill solid 1 noborder linecolor rgb HOST, \
	DATA index 'preempted:' using 1:2:(0):3 with vectors nohead linewidth 2 linecolor rgb '#000000', \
	DATA index 'interrupts in flight:' using 1:2:3:4 with vectors arrowstyle 3, \
	DATA index 'interrupts in flight:' using ($1 + $3):($2 + $4) with points pointtype 7 pointsize 0.5 linecolor rgb FLIGHT, \
	DATA index 'yields in vain:' using 1:2 with points pointtype 2 pointsize 0.8 linewidth 1.5 linecolor rgb '#777777', \
	DATA index 'yields to others:' using 1:($3 == 0 ? NaN : $2):(0):3 with vectors arrowstyle 2, \
	DATA index 'yields to others:' using 1:($3 == 0 ? $2 : NaN) with points pointtype 6 pointsize 1.1 linewidth 2 linecolor rgb WRONG, \
	DATA index 'yields to others:' using 1:2 with points pointtype 7 pointsize 0.5 linecolor rgb WRONG, \
	DATA index 'yields to the right target:' using 1:2 with points pointtype 7 pointsize 0.5 linecolor rgb RIGHT, \
	DATA index 'yields to the right target:' using 1:($3 == 0 ? NaN : $2):(0):3 with vectors arrowstyle 1, \
	DATA index 'yields to the right target:' using 1:($3 == 0 ? $2 : NaN) with points pointtype 6 pointsize 1.1 linewidth 2 linecolor rgb RIGHT, \
	DATA index 'labels:' using 1:2:3 with labels font FONT.',7.5' textcolor rgb '#000000'
eval end_heading

eval legend(BOTTOM + 46)
plot for [i = 1:NR_SERIES] NaN with boxes fill solid 1 noborder linecolor rgb work(i) title LABEL[i].' works', \
	NaN with boxes fill pattern 4 noborder linecolor rgb spin(1) title 'spins (hatched)', \
	NaN with boxes fill solid 1 noborder linecolor rgb HOST title 'in KVM: exit, halt polling', \
	NaN with boxes fill solid 1 noborder linecolor rgb THREAD title 'host thread', \
	NaN with lines linewidth 2 linecolor rgb '#000000' title 'preempted (bar at its end)', \
	NaN with vectors arrowstyle 1 title 'yield to the right vCPU', \
	NaN with vectors arrowstyle 2 title 'yield to another one', \
	NaN with points pointtype 2 linewidth 1.5 linecolor rgb '#777777' title 'yield_to refused', \
	NaN with lines dashtype 3 linewidth 1.2 linecolor rgb FLIGHT title 'IPI in flight'
unset multiplot
