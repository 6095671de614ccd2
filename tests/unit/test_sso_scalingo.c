/*
 * Sign-ons from Scalingo, which sends the browser by GET.  The tokens are the
 * output of sha1sum for the text of a row, such as
 *
 *	printf %s res-1:SALT:1700000000 | sha1sum
 */
#include "sign_ons.h"

#define ID "id=res-1"
#define AT "&timestamp=1700000000"
#define FIELDS ID AT

/* The vector: res-1:SALT:1700000000 */
#define DIGEST "8b4c0347dc187c9994727ec22dcbf369603eb0ee"
#define TOKEN "&token=" DIGEST

#define GET .is_get = true
#define OWN_PATH .path = "/odd/login", .is_get = true

static struct sign_on_row forms[] = {
	{ "the token of the documentation is valid", FIELDS TOKEN,
	  .expected = "valid", OWN_PATH },
	{ "... at the path for all add-ons", FIELDS TOKEN, .expected = "valid",
	  GET },
	{ "... at the other one", FIELDS TOKEN, .expected = "valid", GET,
	  .path = "/sso/login" },
	{ "... with a slash at the end", FIELDS TOKEN, .expected = "valid", GET,
	  .path = "/odd/login/" },
	{ "a POST is valid, too", FIELDS TOKEN, .expected = "valid" },
	{ "no user is signed, whoever it is",
	  FIELDS TOKEN "&user_id=user_1&email=a%40example.org",
	  .expected = "valid", GET },
	{ "unknown fields are ignored", FIELDS TOKEN "&a=1&a=2",
	  .expected = "valid", GET },
	{ "fields in another order are valid",
	  "timestamp=1700000000" TOKEN "&" ID, .expected = "valid", GET },
	{ "a salt that is being rotated out is valid",
	  FIELDS "&token=594f63cd3329173ae9a53b0885f8398aa245e0a9",
	  .expected = "valid", GET },
	{ "an id may have a colon, which the salt divides from the time",
	  "id=res:1" AT "&token=0da37cbe977a2534b9f61a00f9aa59cdfe62a035",
	  .expected = "valid", GET },

	/* tokens */
	{ "an empty query is refused", "", .expected = "no-token", GET },
	{ "a query without a token is refused", FIELDS, .expected = "no-token",
	  GET },
	{ "a token in another field is not one", FIELDS "&Token=" DIGEST,
	  .expected = "no-token", GET },
	{ "a signature is not a token", FIELDS "&signature=" DIGEST,
	  .expected = "no-token", GET },
	{ "Heroku's token is not one",
	  FIELDS "&resource_id=res-1&resource_token=" DIGEST,
	  .expected = "no-token", GET },
	{ "an empty token is wrong",
	  FIELDS "&token=", .expected = "wrong-token", GET },
	{ "a token in upper case is wrong",
	  FIELDS "&token=8B4C0347DC187C9994727EC22DCBF369603EB0EE",
	  .expected = "wrong-token", GET },
	{ "a token with a blank is wrong", FIELDS TOKEN "+",
	  .expected = "wrong-token", GET },
	{ "a token with a newline is wrong", FIELDS TOKEN "%0A",
	  .expected = "wrong-token", GET },
	{ "a token in quotes is wrong", FIELDS "&token=%22" DIGEST "%22",
	  .expected = "wrong-token", GET },
	{ "one digit more is wrong", FIELDS TOKEN "0",
	  .expected = "wrong-token", GET },
	{ "half of a token is wrong", FIELDS "&token=8b4c0347dc187c999472",
	  .expected = "wrong-token", GET },
	{ "SHA-256 is wrong",
	  FIELDS
	  "&token=791f689d5c251ad0bbd71307da0d0c4de316f8a9df54af56dddc180"
	  "fd208b27d",
	  .expected = "wrong-token", GET },
	{ "SHA-512 is wrong",
	  FIELDS
	  "&token="
	  "ca099826d39c53072dde3425e2538255cced13d5e7d3b8efde159294c00ed6"
	  "64df59d3ff40fe130116a1c63c67cadf72ff71a58696ac85385fccf5346d56"
	  "8cd4",
	  .expected = "wrong-token", GET },
	{ "MD5 is wrong", FIELDS "&token=dd72d292448ae915babb38ff8a611b9b",
	  .expected = "wrong-token", GET },
	{ "an HMAC is wrong",
	  FIELDS "&token=d89e99dd5ece901dc5a2844eb6dcc4baf60eb79b",
	  .expected = "wrong-token", GET },
	{ "DigitalOcean's HMAC is wrong",
	  FIELDS
	  "&token=1119a45a35c8997536fd5c30ddb9b42ec95e67e12eb2b1e96a6f349"
	  "c3a87b421",
	  .expected = "wrong-token", GET },
	{ "a salt of another add-on is wrong",
	  FIELDS "&token=04cf5ff2f2b95aa9114f662f38336212752213ed",
	  .expected = "wrong-token", GET },
	{ "an empty salt is wrong",
	  FIELDS "&token=d20a8fa1868cbee298e4b7dc57dda1ebc7db882b",
	  .expected = "wrong-token", GET },
	{ "a text without the salt is wrong",
	  FIELDS "&token=34d0bf2376b8cf3b3b62d095de163267dde2d514",
	  .expected = "wrong-token", GET },
	{ "a text with the salt in front is wrong",
	  FIELDS "&token=e44add05561cee1bd9fd790f62ee321b74d67f44",
	  .expected = "wrong-token", GET },
	{ "a text with the salt at the end is wrong",
	  FIELDS "&token=6c6eece9b9c986588680598a539378e5487c3020",
	  .expected = "wrong-token", GET },
	{ "a text with dashes is wrong",
	  FIELDS "&token=126b325dfd043aad7babb157f0cba61527f679f4",
	  .expected = "wrong-token", GET },

	/* fields */
	{ "another resource is wrong", "id=res-2" AT TOKEN,
	  .expected = "wrong-token", GET },
	{ "a resource in upper case is wrong", "id=RES-1" AT TOKEN,
	  .expected = "wrong-token", GET },
	{ "a resource encoded twice is wrong", "id=res%252D1" AT TOKEN,
	  .expected = "wrong-token", GET },
	{ "a resource with a blank is wrong", "id=res-1+" AT TOKEN,
	  .expected = "wrong-token", GET },
	{ "another time is wrong", ID "&timestamp=1700000001" TOKEN,
	  .expected = "wrong-token", GET },
	{ "a time with a leading zero is another text",
	  ID "&timestamp=01700000000" TOKEN, .expected = "wrong-token", GET },
	{ "a resource must be present", "timestamp=1700000000" TOKEN,
	  .expected = "field-missing", GET },
	{ "a resource must not be empty", "id=" AT TOKEN,
	  .expected = "field-missing", GET },
	{ "... signed or not",
	  "id=" AT "&token=de19591f2aba2c38cda866fcdb4efd16b9b13035",
	  .expected = "field-missing", GET },
	{ "a resource in another field is missing",
	  "resource_id=res-1" AT TOKEN, .expected = "field-missing", GET },
	{ "a time must be present", ID TOKEN, .expected = "field-missing",
	  GET },
	{ "a time must not be empty", ID "&timestamp=" TOKEN,
	  .expected = "field-missing", GET },
	{ "... signed or not",
	  ID "&timestamp=&token=0de061321ae218c4952b9ecb1dcc4d72988bd6cc",
	  .expected = "field-missing", GET },
	{ "a resource must not occur twice", FIELDS TOKEN "&id=res-2",
	  .expected = "field-repeated", GET },
	{ "another resource must not occur before it", "id=res-2&" FIELDS TOKEN,
	  .expected = "field-repeated", GET },
	{ "a time must not occur twice", FIELDS TOKEN AT,
	  .expected = "field-repeated", GET },
	{ "a token must not occur twice", FIELDS TOKEN TOKEN,
	  .expected = "field-repeated", GET },
	{ "an empty token must not occur beside it",
	  FIELDS TOKEN "&token=", .expected = "field-repeated", GET },
	{ "a repeated field of a POST is refused, too", FIELDS TOKEN AT,
	  .expected = "field-repeated" },

	/* times */
	{ "a time is in seconds",
	  ID "&timestamp=1700000000000&token=83b102c839dedf72e1c9a759376c81e"
	     "8dba23a9c",
	  .expected = "too-early", GET },
	{ "a time has no fraction",
	  ID "&timestamp=1700000000.5&token=bbcc9ae4443f01cf07aea909778b1b9f"
	     "dd8546c3",
	  .expected = "no-time", GET },
	{ "a time has no sign",
	  ID "&timestamp=-1700000000&token=280398b99bd1f92585380e728c42c52f6"
	     "03ba19f",
	  .expected = "no-time", GET },
	{ "a time has no blank before it",
	  ID "&timestamp=+1700000000&token=4f17ce82a558b305dd315a17f8517d1f4"
	     "2fac767",
	  .expected = "no-time", GET },
	{ "a time is decimal",
	  ID "&timestamp=0x6553f100&token=8d7b902a828013b628504e4ad8c980fdc8"
	     "d50350",
	  .expected = "no-time", GET },
	{ "a time has no colon",
	  ID "&timestamp=1700000000:1&token=223d7306dc5039db468def9f19776db3"
	     "a740a67d",
	  .expected = "no-time", GET },
	{ "a time has at most 18 digits",
	  ID "&timestamp=1700000000000000000&token=74bcc2cff542334483a0e2106"
	     "8394daabb10c7d6",
	  .expected = "no-time", GET },
	{ "the token is checked before the time", ID "&timestamp=x" TOKEN,
	  .expected = "wrong-token", GET },
	{ "a token is valid for five minutes", FIELDS TOKEN,
	  .expected = "valid", GET, .later = 300000 },
	{ "... and for that second", FIELDS TOKEN, .expected = "valid", GET,
	  .later = 300999 },
	{ "a token has expired after that", FIELDS TOKEN, .expected = "too-old",
	  GET, .later = 301000 },
	{ "a token of last year has expired", FIELDS TOKEN,
	  .expected = "too-old", GET, .later = INT64_C(31536000000) },
	{ "a clock may be a minute behind", FIELDS TOKEN, .expected = "valid",
	  GET, .later = -60000 },
	{ "a clock must not be more behind", FIELDS TOKEN,
	  .expected = "too-early", GET, .later = -61000 },
	{ "a token of next year is too early", FIELDS TOKEN,
	  .expected = "too-early", GET, .later = INT64_C(-31536000000) },

	/* places */
	{ "another path has no add-on", FIELDS TOKEN, .expected = "no-addon",
	  GET, .path = "/other" },
	{ "a POST to another path has none either", FIELDS TOKEN,
	  .expected = "no-addon", .path = "/other" },
	{ "the path of resources has no add-on", FIELDS TOKEN,
	  .expected = "no-addon", GET, .path = "/heroku/resources" },
	{ "a GET of a resource is refused", "timestamp=1700000000" TOKEN,
	  .expected = "no-addon", GET, .path = "/heroku/resources",
	  .id = "res-1" },
	{ "a GET of a resource at the add-on's path is refused",
	  "timestamp=1700000000" TOKEN, .expected = "no-addon", OWN_PATH,
	  .id = "res-1" },
};

int main(void)
{
	sign_on_kind = "scalingo/1";
	sign_on_now = INT64_C(1700000000000);
	UNIT_ROWS(forms, sign_on_is_as_expected);
	return unit_run("sso_scalingo");
}
