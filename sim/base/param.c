/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <oversub/param.h>

void oversub_param_defaults(const struct oversub_param *table, void *values)
{
	for (const struct oversub_param *param = table; param && param->name; param++) {
		void *field = (char *)values + param->offset;

		if (param->type == OVERSUB_PARAM_REAL)
			*(double *)field = param->real_def;
		else
			*(int64_t *)field = param->def;
	}
}
