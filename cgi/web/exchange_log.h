/*
 * exchange_log.h - counts a request in the metrics, and logs its line.
 */
#ifndef CGI_WEB_EXCHANGE_LOG_H
#define CGI_WEB_EXCHANGE_LOG_H

struct exchange;

/* Call this once for each request, when the response is set. */
void exchange_record(const struct exchange *x);

#endif
