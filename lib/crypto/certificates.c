#include "lib/crypto/certificates.h"
#include "lib/base/plain_file.h"

#include <stdio.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static void count_certificate(struct certificates *found,
			      const X509 *certificate)
{
	found->count++;
	if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
		found->expired++;
	else if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
		found->not_yet++;
}

bool certificates_count(const char *path, struct certificates *found)
{
	char no_passphrase[] = ""; /* OpenSSL would ask for one */
	FILE *file = plain_file_open(path);
	STACK_OF(X509_INFO) * infos;

	*found = (struct certificates){ 0 };
	if (!file)
		return false;
	infos = PEM_X509_INFO_read(file, NULL, NULL, no_passphrase);
	for (int i = 0; i < sk_X509_INFO_num(infos); i++)
		if (sk_X509_INFO_value(infos, i)->x509)
			count_certificate(found,
					  sk_X509_INFO_value(infos, i)->x509);
	sk_X509_INFO_pop_free(infos, X509_INFO_free);
	ERR_clear_error();
	fclose(file);
	return true;
}
