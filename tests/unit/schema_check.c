/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "schema_check.h"

static const cJSON *member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

static bool has_type(const cJSON *value, const char *type)
{
	if (!strcmp(type, "object"))
		return cJSON_IsObject(value);
	if (!strcmp(type, "array"))
		return cJSON_IsArray(value);
	if (!strcmp(type, "string"))
		return cJSON_IsString(value);
	if (!strcmp(type, "boolean"))
		return cJSON_IsBool(value);
	if (!strcmp(type, "integer"))
		return cJSON_IsNumber(value) && floor(value->valuedouble) == value->valuedouble;
	return !strcmp(type, "number") && cJSON_IsNumber(value);
}

static bool matches(const char *pattern, const char *text)
{
	regex_t regex;
	bool match;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB))
		return false;
	match = !regexec(&regex, text, 0, NULL, 0);
	regfree(&regex);
	return match;
}

static bool is_one_of(const cJSON *list, const cJSON *value)
{
	for (const cJSON *item = list->child; item; item = item->next)
		if (cJSON_Compare(item, value, true))
			return true;
	return false;
}

static bool any_holds(const cJSON *root, const cJSON *list, const cJSON *value)
{
	for (const cJSON *item = list->child; item; item = item->next)
		if (schema_holds(root, item, value))
			return true;
	return false;
}

static bool members_hold(const cJSON *root, const cJSON *schema, const cJSON *object)
{
	const cJSON *properties = member(schema, "properties");
	const cJSON *others = member(schema, "additionalProperties");
	const cJSON *names = member(schema, "propertyNames");

	for (const cJSON *child = object->child; child; child = child->next) {
		const cJSON *property = member(properties, child->string);

		if (!property && others)
			property = others;
		if (cJSON_IsFalse(property))
			return false;
		if (property && !schema_holds(root, property, child))
			return false;
		if (names && !matches(member(names, "pattern")->valuestring, child->string))
			return false;
	}
	for (const cJSON *key = member(schema, "required") ? member(schema, "required")->child
							   : NULL;
	     key; key = key->next)
		if (!member(object, key->valuestring))
			return false;
	return true;
}

static bool items_hold(const cJSON *root, const cJSON *schema, const cJSON *array)
{
	const cJSON *items = member(schema, "items");

	for (const cJSON *child = array->child; child; child = child->next)
		if (items && !schema_holds(root, items, child))
			return false;
	return !member(schema, "minItems") ||
	       cJSON_GetArraySize(array) >= member(schema, "minItems")->valueint;
}

/* One word of a schema that is not about members or items. */
static bool word_holds(const cJSON *root, const cJSON *word, const cJSON *value)
{
	static const char *const elsewhere[] = {
		"properties", "additionalProperties", "propertyNames", "required", "items",
		"minItems",   "description",	      "default",       "title",	   "$schema",
		"$defs"};

	if (!strcmp(word->string, "type"))
		return has_type(value, word->valuestring);
	if (!strcmp(word->string, "const"))
		return cJSON_Compare(word, value, true);
	if (!strcmp(word->string, "enum"))
		return is_one_of(word, value);
	if (!strcmp(word->string, "anyOf"))
		return any_holds(root, word, value);
	if (!strcmp(word->string, "pattern"))
		return !cJSON_IsString(value) || matches(word->valuestring, value->valuestring);
	if (!strcmp(word->string, "minimum"))
		return !cJSON_IsNumber(value) || value->valuedouble >= word->valuedouble;
	if (!strcmp(word->string, "maximum"))
		return !cJSON_IsNumber(value) || value->valuedouble <= word->valuedouble;
	if (!strcmp(word->string, "$ref"))
		return schema_holds(
			root, member(member(root, "$defs"), strrchr(word->valuestring, '/') + 1),
			value);
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (!strcmp(word->string, elsewhere[i]))
			return true;
	fprintf(stderr, "schema_check: unknown word %s\n", word->string);
	return false;
}

bool schema_holds(const cJSON *root, const cJSON *schema, const cJSON *value)
{
	if (!schema)
		return false;
	for (const cJSON *word = schema->child; word; word = word->next)
		if (!word_holds(root, word, value))
			return false;
	if (cJSON_IsObject(value) && !members_hold(root, schema, value))
		return false;
	return !cJSON_IsArray(value) || items_hold(root, schema, value);
}
