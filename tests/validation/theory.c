/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Closed forms, computed from the scenario that is simulated, and the cases that are held to them.
 * Time is in ns. load() is rho, the share of the host's CPUs that the arrivals ask for.
 */
#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "models/sched/eevdf.h"
#include "tests/validation/cases.h"

/* ---- What the scenario says --------------------------------------------------------------- */

/* Jobs of one class: those of the source with the same index. */
static const struct sim_distribution *service_of(const struct scenario *scenario, int class)
{
	const struct workload_thread_class *threads = &scenario->host_workload->classes[class];

	for (int i = 0; i < threads->nr_ops; i++)
		if (threads->ops[i].kind == OP_RUN)
			return &threads->ops[i].duration;
	return NULL;
}

static double service_mean(const struct scenario *scenario, int class)
{
	return sim_distribution_mean(service_of(scenario, class));
}

/* Squared coefficient of variation of the service time. */
static double service_scv(const struct scenario *scenario, int class)
{
	const struct sim_distribution *service = service_of(scenario, class);
	double mean = sim_distribution_mean(service);
	double square;

	switch (service->kind) {
	case SIM_CONSTANT: return 0;
	case SIM_EXPONENTIAL: return 1;
	case SIM_GAMMA: return 1 / service->shape;
	case SIM_BIMODAL:
		square = (1 - service->long_probability) * pow((double)service->short_ns, 2) +
			 service->long_probability * pow((double)service->long_ns, 2);
		return square / (mean * mean) - 1;
	default: return NAN;
	}
}

static double arrival_rate(const struct scenario *scenario, int class)
{
	return 1 / sim_distribution_mean(&scenario->host_workload->sources[class].interarrival);
}

static double load_of(const struct scenario *scenario, int class)
{
	return arrival_rate(scenario, class) * service_mean(scenario, class) /
	       (double)scenario->host.cpus;
}

static double load(const struct scenario *scenario)
{
	double sum = 0;

	for (int i = 0; i < scenario->host_workload->nr_sources; i++)
		sum += load_of(scenario, i);
	return sum;
}

static double weight_of(const struct scenario *scenario, int class)
{
	return (double)eevdf_task_weight((int)scenario->host_workload->classes[class].nice,
					 EEVDF_NORMAL);
}

/* ---- Closed forms ------------------------------------------------------------------------- */

/* Pollaczek and Khinchine: mean time in an M/G/1 queue, first come, first served. */
static double mg1_time(const struct scenario *scenario, int class)
{
	double service = service_mean(scenario, class), rho = load(scenario);

	return service + rho / (1 - rho) * service * (1 + service_scv(scenario, class)) / 2;
}

/* Erlang C: the probability that all of c servers are busy, by way of Erlang's loss formula. */
static double erlang_c(double c, double rho)
{
	double loss = gsl_ran_poisson_pdf((unsigned int)c, c * rho) /
		      gsl_cdf_poisson_P((unsigned int)c, c * rho);

	return loss / (1 - rho * (1 - loss));
}

/* Mean time in an M/M/c queue, c being the host's CPUs. */
static double mmc_time(const struct scenario *scenario, int class)
{
	double cpus = (double)scenario->host.cpus, rho = load(scenario);
	double service = service_mean(scenario, class);

	return service + erlang_c(cpus, rho) * service / (cpus * (1 - rho));
}

/* M/G/1 processor sharing: a job takes its own size over what the others leave, on average. */
static double sharing_time(const struct scenario *scenario, int class)
{
	return service_mean(scenario, class) / (1 - load(scenario));
}

/*
 * Weighted (discriminatory) processor sharing of two classes of exponential jobs: Fayolle, Mitrani
 * and Iasnogorodski 1980.
 */
static double weighted_sharing_time(const struct scenario *scenario, int class)
{
	int other = 1 - class;
	double rate = 1 / service_mean(scenario, class);
	double other_rate = 1 / service_mean(scenario, other);
	double weight = weight_of(scenario, class), other_weight = weight_of(scenario, other);
	double rest = weight * rate * (1 - load_of(scenario, class)) +
		      other_weight * other_rate * (1 - load_of(scenario, other));

	return (1 + rate * load_of(scenario, other) * (other_weight - weight) / rest) /
	       (rate * (1 - load(scenario)));
}

/* Work conservation: whatever the order, the CPUs are busy as often as there is work. */
static double utilisation(const struct scenario *scenario, int argument)
{
	return load(scenario);
}

/* Share of a class of hogs among all that may use the same CPUs, of as many CPUs in all. */
static double weight_share(const struct scenario *scenario, int class)
{
	const struct workload *workload = scenario->host_workload;
	double sum = 0, own = 0;

	for (int i = 0; i < workload->nr_classes; i++) {
		const struct workload_thread_class *threads = &workload->classes[i];
		double weight = threads->cpu_weight > 0 ? (double)threads->cpu_weight
							: threads->count * weight_of(scenario, i);

		if (threads->cpus != workload->classes[class].cpus)
			continue;
		sum += weight;
		if (i == class)
			own = weight;
	}
	return own / sum / (double)scenario->host.cpus;
}

/* ---- Cases -------------------------------------------------------------------------------- */

#define JOB_TIME(function, tolerance_)                                                             \
	{                                                                                          \
		"mean time in system", "host_threads/request.job.mean", function,                  \
			.tolerance = (tolerance_)                                                  \
	}
#define CLASS_TIME(class_, name_, function, tolerance_)                                            \
	{                                                                                          \
		"mean time, " name_ " jobs", "host_threads/request." name_ ".mean", function,      \
			(class_), .tolerance = (tolerance_)                                        \
	}
#define BUSY(tolerance_)                                                                           \
	{                                                                                          \
		"CPU busy", "host/cpu.busy", utilisation, .tolerance = (tolerance_)                \
	}
#define SHARE(class_, name_)                                                                       \
	{                                                                                          \
		"share, " name_, "observed/" name_ ".share", weight_share, (class_),               \
			.tolerance = 0.001                                                         \
	}

#define SERVICE	   "host_workload.threads.server.program[0].body[0].body[1].run="
#define SHORT_RUN  "host_workload.threads.short.program[0].body[0].body[1].run="
#define LONG_RUN   "host_workload.threads.long.program[0].body[0].body[1].run="
#define JOBS	   "host_workload.arrivals.jobs.interarrival.exponential.mean="
#define SERVERS(n) "host_workload.threads.server.count=" #n, "host.cpus=" #n

/*
 * Tolerances: what is shown is that a queue is within 1 %, or 2 % where the variance is large: all
 * of the interval has to be, so runs are as long as that takes. Slices are finite, which processor
 * sharing does not know: a job of 60 slices may find itself one slice early or late, hence 2 %.
 */
#define CHANCE 0.01
#define SLICES 0.02

const struct validation_case theory_cases[] = {
	/* One server, exponential service: load 0.7 gives 1 ms / (1 - 0.7). */
	{"M/M/1, load 0.7", "queue", {NULL}, {JOB_TIME(mg1_time, CHANCE), BUSY(CHANCE)}},
	/* The same nearer to saturation, where an error in the waiting line would grow. */
	{"M/M/1, load 0.9",
	 "queue",
	 {JOBS "1111111ns", "run.measure=500s"},
	 {JOB_TIME(mg1_time, 0.02), BUSY(CHANCE)}},
	/* Constant service halves the wait. */
	{"M/D/1, load 0.7", "queue", {SERVICE "1ms"}, {JOB_TIME(mg1_time, CHANCE), BUSY(CHANCE)}},
	/* A tenth of the jobs is 19 times as long as the others: the wait grows with the variance.
	 */
	{"M/G/1, bimodal, load 0.7",
	 "queue",
	 {SERVICE "{\"bimodal\":{\"short\":\"357us\",\"long\":\"6787us\",\"probability\":0.1}}"},
	 {JOB_TIME(mg1_time, 0.02), BUSY(CHANCE)}},
	/* Erlang C; each wake-up must find an idle CPU if there is one. */
	{"M/M/2, load 0.8",
	 "queue",
	 {SERVERS(2), JOBS "625us"},
	 {JOB_TIME(mmc_time, CHANCE), BUSY(CHANCE)}},
	{"M/M/8, load 0.9",
	 "queue",
	 {SERVERS(8), JOBS "138889ns", "run.measure=240s"},
	 {JOB_TIME(mmc_time, CHANCE), BUSY(CHANCE)}},
	/* Processor sharing: the slowdown is the same for short and long jobs ... */
	{"M/D/1 processor sharing, load 0.7",
	 "sharing",
	 {NULL},
	 {CLASS_TIME(0, "short", sharing_time, SLICES), CLASS_TIME(1, "long", sharing_time, SLICES),
	  BUSY(CHANCE)}},
	/* ... and whatever the distribution of their sizes is. */
	{"M/G/1 processor sharing, load 0.7",
	 "sharing",
	 {SHORT_RUN "{\"exponential\":{\"mean\":\"3ms\"}}",
	  LONG_RUN "{\"bimodal\":{\"short\":\"5ms\",\"long\":\"30ms\",\"probability\":0.2}}",
	  "run.measure=800s"},
	 {CLASS_TIME(0, "short", sharing_time, SLICES), CLASS_TIME(1, "long", sharing_time, SLICES),
	  BUSY(CHANCE)}},
	/* Short jobs weigh 3 times as much as long ones. */
	{"weighted sharing, nice 0 and 5",
	 "sharing",
	 {SHORT_RUN "{\"exponential\":{\"mean\":\"3ms\"}}",
	  LONG_RUN "{\"exponential\":{\"mean\":\"10ms\"}}", "host_workload.threads.long.nice=5",
	  "run.measure=800s"},
	 {CLASS_TIME(0, "short", weighted_sharing_time, SLICES),
	  CLASS_TIME(1, "long", weighted_sharing_time, SLICES), BUSY(CHANCE)}},
	/* Who never sleeps gets what its weight is worth; a cgroup counts as one. */
	{"hogs of nice -3, 0, 0, 7; cgroups of 300, 50",
	 "weights",
	 {NULL},
	 {SHARE(0, "heavy"), SHARE(1, "middle"), SHARE(2, "light"), SHARE(3, "big_group"),
	  SHARE(4, "small_group")}},
	{.name = NULL},
};
