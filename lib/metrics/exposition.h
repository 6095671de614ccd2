/*
 * exposition.h - functions for writers of the text format of Prometheus.
 */
#ifndef LIB_METRICS_EXPOSITION_H
#define LIB_METRICS_EXPOSITION_H

#include <stdio.h>

/* Write the lines that come before the samples of a metric.  type is "counter",
 * "gauge" or "histogram". */
void exposition_declare(FILE *out, const char *name, const char *type,
			const char *help);

/* Write a text as a part of the value of a label, with the escapes that it
 * needs. */
void exposition_write_value(FILE *out, const char *text);

/* Write the samples of all add-ons that the metrics file knows. */
void exposition_write_addons(FILE *out);

#endif
