/*
 * platform_handle.h - the handle of platform.h, which platform.c and
 * platform_log.c share.
 *
 * No other file includes this header.
 */
#ifndef LIB_PLATFORM_PLATFORM_HANDLE_H
#define LIB_PLATFORM_PLATFORM_HANDLE_H

#include "lib/platform/platform.h"

struct https;

struct platform {
	struct platform_config config;
	struct https *https;
};

#endif
