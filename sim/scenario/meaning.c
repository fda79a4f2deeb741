/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/meaning.h"

#include <string.h>

#include "sim/scenario/grammar.h"

/* ---- Parameters --------------------------------------------------------------------------- */

static bool same_params(const struct oversub_param *table, const void *a, const void *b)
{
	for (; table && table->name; table++) {
		/* A double or an int64_t, bit by bit: what was read from one text is the same. */
		if (memcmp((const char *)a + table->offset, (const char *)b + table->offset,
			   sizeof(int64_t)) != 0)
			return false;
	}
	return true;
}

/* What the tables of an object say, those of objects in it aside. */
static bool same_values(const struct grammar_object *type, const void *a, const void *b)
{
	for (const struct grammar_member *member = type->members; member->kind; member++)
		if (member->kind == GRAMMAR_PARAMS &&
		    !same_params(member->params, (const char *)a + member->offset,
				 (const char *)b + member->offset))
			return false;
	return true;
}

static bool same_policies(const struct scenario *a, const struct scenario *b)
{
	for (int i = 0; i < OVERSUB_POLICY_KINDS; i++)
		if (a->chosen[i].policy != b->chosen[i].policy ||
		    !same_params(a->chosen[i].policy->params, a->chosen[i].params,
				 b->chosen[i].params))
			return false;
	return true;
}

static bool same_cgroups(const struct scenario *a, const struct scenario *b)
{
	if (a->nr_cgroups != b->nr_cgroups)
		return false;
	for (int i = 0; i < a->nr_cgroups; i++)
		if (strcmp(a->cgroups[i].path, b->cgroups[i].path) != 0 ||
		    !same_values(&grammar_cgroup, &a->cgroups[i], &b->cgroups[i]))
			return false;
	return true;
}

/* ---- Workloads ---------------------------------------------------------------------------- */

/* What workload is in the document of scenario. */
static const cJSON *text_of(const struct scenario *scenario, const struct workload *workload)
{
	const cJSON *workloads = cJSON_GetObjectItemCaseSensitive(scenario->json, "workloads");

	if (workload == scenario->host_workload)
		return cJSON_GetObjectItemCaseSensitive(scenario->json, "host_workload");
	return cJSON_GetObjectItemCaseSensitive(workloads, workload->name);
}

static int nr_objects(const struct workload *workload, enum op_argument kind)
{
	int nr = 0;

	while (workload_object_name(workload, kind, nr))
		nr++;
	return nr;
}

/* Objects and arrays have their members in the order in which they were read. */
static void remove_object(cJSON *list, int index)
{
	cJSON *item = list->child;

	for (; item && index > 0; index--)
		item = item->next;
	if (item)
		cJSON_Delete(cJSON_DetachItemViaPointer(list, item));
}

/* A copy without what no program uses, for cJSON_Delete(). */
static cJSON *used_part(const struct scenario *scenario, const struct workload *workload)
{
	cJSON *copy = cJSON_Duplicate(text_of(scenario, workload), true);

	for (int kind = 0; copy && kind < WORKLOAD_OBJECTS; kind++) {
		cJSON *list = cJSON_GetObjectItemCaseSensitive(copy, workload_object_keys[kind]);

		for (int i = nr_objects(workload, kind); list && i-- > 0;)
			if (!workload_object_used(workload, kind, i))
				remove_object(list, i);
		if (list && !list->child)
			cJSON_DeleteItemFromObjectCaseSensitive(copy, workload_object_keys[kind]);
	}
	return copy;
}

static bool same_workload(const struct scenario *a, const struct workload *of_a,
			  const struct scenario *b, const struct workload *of_b)
{
	cJSON *text_a, *text_b;
	bool same;

	if (!of_a || !of_b)
		return of_a == of_b;
	text_a = used_part(a, of_a);
	text_b = used_part(b, of_b);
	/* Streams of random numbers are named after classes, not after the workload. */
	same = text_a && text_b && cJSON_Compare(text_a, text_b, true);
	cJSON_Delete(text_a);
	cJSON_Delete(text_b);
	return same;
}

/* ---- VMs ---------------------------------------------------------------------------------- */

static bool same_pinning(const struct scenario *scenario, const struct scenario_vm *a,
			 const struct scenario_vm *b)
{
	size_t words = (size_t)(scenario->host.cpus + 63) / 64;

	if (!a->cpus || !b->cpus)
		return a->cpus == b->cpus;
	return !memcmp(a->cpus_bits, b->cpus_bits,
		       (size_t)a->size.vcpus * words * sizeof(*a->cpus_bits));
}

static bool same_vms(const struct scenario *a, const struct scenario *b)
{
	if (a->nr_vms != b->nr_vms)
		return false;
	for (int i = 0; i < a->nr_vms; i++) {
		const struct scenario_vm *x = &a->vms[i], *y = &b->vms[i];

		if (strcmp(x->name, y->name) != 0 || x->cgroup != y->cgroup ||
		    !same_values(&grammar_vm, x, y) || !same_pinning(a, x, y) ||
		    !same_workload(a, x->workload, b, y->workload))
			return false;
	}
	return true;
}

bool scenario_means_same(const struct scenario *a, const struct scenario *b)
{
	return same_values(&grammar_host, &a->host, &b->host) &&
	       same_values(&grammar_document, a, b) && same_policies(a, b) && same_cgroups(a, b) &&
	       same_vms(a, b) && same_workload(a, a->host_workload, b, b->host_workload);
}
