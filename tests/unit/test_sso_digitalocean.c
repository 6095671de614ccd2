/*
 * Sign-ons from DigitalOcean.  The tokens are the output of openssl for the
 * text of a row, such as
 *
 *	printf %s 1700000000:UUID | openssl dgst -sha256 -hmac SALT
 */
#include "sign_ons.h"

#define UUID "0b8f0f6e-6c1a-4b70-9a53-2f5f2d7a1c11"
#define ID "resource_uuid=" UUID
#define AT "&timestamp=1700000000"
#define WHO "&user_email=a%40example.org&user_id=user-1"
#define FIELDS ID AT WHO

/* The vector: 1700000000:UUID */
#define DIGEST                                                                 \
	"99f871600fd05420c348e8d907ffab6ab7329f694c2c4a980514b6bc2ae4d0"       \
	"d2"
#define TOKEN "&token=" DIGEST

/* The form of 2021: UUID:SALT:1700000000 */
#define OLD_TOKEN "&resource_token=2086a357cd71e53dc0651eca9968b9cff3e4c1e0"

static struct sign_on_row forms[] = {
	{ "the token of the providers is valid", FIELDS TOKEN,
	  .expected = "valid" },
	{ "a user and an e-mail are not needed", ID AT TOKEN,
	  .expected = "valid" },
	{ "a user is not signed, whoever it is",
	  ID AT "&user_email=victim%40example.org&user_id=victim" TOKEN,
	  .expected = "valid" },
	{ "a salt that is being rotated out is valid",
	  FIELDS
	  "&token=b3ce644add299988146a0a9f7ecc61435724fce983903366d8cdaef"
	  "c167b4b89",
	  .expected = "valid" },
	{ "unknown fields are ignored", FIELDS TOKEN "&a=1&a=2",
	  .expected = "valid" },
	{ "a user may occur twice", FIELDS TOKEN WHO, .expected = "valid" },
	{ "a token of 2021 beside it does not matter", FIELDS TOKEN OLD_TOKEN,
	  .expected = "valid" },
	{ "the add-on's own path accepts sign-ons", FIELDS TOKEN,
	  .expected = "valid", .path = "/odd/login" },

	/* tokens */
	{ "an empty form is refused", "", .expected = "no-token" },
	{ "a form without a token is refused", FIELDS, .expected = "no-token" },
	{ "a token of 2021 is refused", FIELDS OLD_TOKEN,
	  .expected = "no-token" },
	{ "... with the setting for old forms, too", FIELDS OLD_TOKEN,
	  .expected = "no-token", .is_legacy = true },
	{ "a token of 2021 does not excuse a wrong one",
	  FIELDS OLD_TOKEN "&token=0", .expected = "wrong-token" },
	{ "... nor an empty one",
	  FIELDS OLD_TOKEN "&token=", .expected = "wrong-token" },
	{ "a token in another field is not one", FIELDS "&TOKEN=" DIGEST,
	  .expected = "no-token" },
	{ "a signature is not a token", FIELDS "&signature=" DIGEST,
	  .expected = "no-token" },
	{ "a token of 2021 in its field is wrong",
	  FIELDS "&token=2086a357cd71e53dc0651eca9968b9cff3e4c1e0",
	  .expected = "wrong-token" },
	{ "an empty token is wrong",
	  FIELDS "&token=", .expected = "wrong-token" },
	{ "a token in upper case is wrong",
	  FIELDS
	  "&token=99F871600FD05420C348E8D907FFAB6AB7329F694C2C4A980514B6B"
	  "C2AE4D0D2",
	  .expected = "wrong-token" },
	{ "a token in base64 is wrong",
	  FIELDS "&token=mfhxYA%2FQVCDDSOjZB%2F%2Brarcyn2lMLEqYBRS2vCrk0NI%3D",
	  .expected = "wrong-token" },
	{ "a token with a blank is wrong", FIELDS TOKEN "+",
	  .expected = "wrong-token" },
	{ "a token with a newline is wrong", FIELDS TOKEN "%0A",
	  .expected = "wrong-token" },
	{ "one digit more is wrong", FIELDS TOKEN "0",
	  .expected = "wrong-token" },
	{ "half of a token is wrong",
	  FIELDS "&token=99f871600fd05420c348e8d907ffab6a",
	  .expected = "wrong-token" },
	{ "a digest with the salt in front is wrong",
	  FIELDS
	  "&token=40ac7c14c5d20a030c5dfce5a5017adfc40bbb0a68fcdbac2a9341a"
	  "50d8cc020",
	  .expected = "wrong-token" },
	{ "a digest with the salt at the end is wrong",
	  FIELDS
	  "&token=60347e5e40ab9d8cf9505216d9496a7df37bbf628133eb83aedf58a"
	  "8ed97a1cd",
	  .expected = "wrong-token" },
	{ "a digest in Heroku's order is wrong",
	  FIELDS
	  "&token=f70e320a6134ebb3d983393bf80a4ea3029b9139832d7cd3b24ca9e"
	  "00bca2f62",
	  .expected = "wrong-token" },
	{ "a digest without the salt is wrong",
	  FIELDS
	  "&token=8286210e856dbf98e52934869d130000c25774bb51f5c7d5dacb8ea"
	  "e30e1baaa",
	  .expected = "wrong-token" },
	{ "an HMAC with SHA-1 is wrong",
	  FIELDS "&token=d4b6157a12c11d4b437891f8ddeeac184956a3a9",
	  .expected = "wrong-token" },
	{ "an HMAC with SHA-512 is wrong",
	  FIELDS
	  "&token="
	  "2152a107552cc53b0c5513c32464567d40586b03d015a834dfaea30075f495"
	  "ca599567e7a7536ec64250681f162687c2b17dee717b891f701c5e49cb255c"
	  "6986",
	  .expected = "wrong-token" },
	{ "an HMAC with the salt of another add-on is wrong",
	  FIELDS
	  "&token=d0c8f1ca59b2c814bb2823f8870cc391f6b4230e48f1d301214157b"
	  "c9613f3a7",
	  .expected = "wrong-token" },
	{ "an HMAC with an empty key is wrong",
	  FIELDS
	  "&token=a3d6e3d78bf87ab61c76c7932bb21903588ac6cb97c55174169a984"
	  "32c5cd92f",
	  .expected = "wrong-token" },
	{ "an HMAC whose key and text are exchanged is wrong",
	  FIELDS
	  "&token=82e40ed1bc6ba4b1fafdec479b80a4e924577fb3d1f5ff02473ec3b"
	  "02bb73547",
	  .expected = "wrong-token" },
	{ "an HMAC of the fields in another order is wrong",
	  FIELDS
	  "&token=ebc83b1e3977fdf95018446e429db6bd0a1a703b088f27ee7c4f7ac"
	  "5de835571",
	  .expected = "wrong-token" },
	{ "an HMAC of the fields without a colon is wrong",
	  FIELDS
	  "&token=a4704e5204d0908400b019582436b3cda547e5e3ef340e5b8d37867"
	  "3d97e28c4",
	  .expected = "wrong-token" },
	{ "an HMAC of the time alone is wrong",
	  FIELDS
	  "&token=f72e5fda25ca5ee33e6289f8636878b9ff69741ba28c74247fa99cd"
	  "049541b5d",
	  .expected = "wrong-token" },
	{ "an HMAC of the resource alone is wrong",
	  FIELDS
	  "&token=95c40776aeb8e5018b43dbcf7a66f4f90fa8fce00b00d038acd6fcc"
	  "f01923463",
	  .expected = "wrong-token" },

	/* fields */
	{ "another resource is wrong",
	  "resource_uuid=0b8f0f6e-6c1a-4b70-9a53-2f5f2d7a1c12" AT TOKEN,
	  .expected = "wrong-token" },
	{ "a resource in upper case is wrong",
	  "resource_uuid=0B8F0F6E-6C1A-4B70-9A53-2F5F2D7A1C11" AT TOKEN,
	  .expected = "wrong-token" },
	{ "a resource without dashes is wrong",
	  "resource_uuid=0b8f0f6e6c1a4b709a532f5f2d7a1c11" AT TOKEN,
	  .expected = "wrong-token" },
	{ "another time is wrong", ID "&timestamp=1700000001" TOKEN,
	  .expected = "wrong-token" },
	{ "a time with a leading zero is another text",
	  ID "&timestamp=01700000000" TOKEN, .expected = "wrong-token" },
	{ "a resource must be present", "timestamp=1700000000" TOKEN,
	  .expected = "field-missing" },
	{ "a resource must not be empty", "resource_uuid=" AT TOKEN,
	  .expected = "field-missing" },
	{ "a resource in another field is missing", "id=" UUID AT TOKEN,
	  .expected = "field-missing" },
	{ "a time must be present", ID TOKEN, .expected = "field-missing" },
	{ "a time must not be empty", ID "&timestamp=" TOKEN,
	  .expected = "field-missing" },
	{ "a time that is empty is not signed",
	  ID "&timestamp=&token=94e94e904d468fa05abe9ec0ce8f10e4db6c2d250d98"
	     "779c234597f3a87693db",
	  .expected = "field-missing" },
	{ "a resource must not occur twice", FIELDS TOKEN "&" ID,
	  .expected = "field-repeated" },
	{ "another resource must not occur before it",
	  "resource_uuid=x&" FIELDS TOKEN, .expected = "field-repeated" },
	{ "a time must not occur twice", FIELDS TOKEN AT,
	  .expected = "field-repeated" },
	{ "a token must not occur twice", FIELDS TOKEN TOKEN,
	  .expected = "field-repeated" },
	{ "an empty token must not occur beside it",
	  FIELDS TOKEN "&token=", .expected = "field-repeated" },
	{ "a colon cannot move from the resource to the time",
	  "timestamp=1700000000:0b8f0f6e&resource_uuid=6c1a-4b70"
	  "&token=586c08c6f1fe4286338ea8978ee27892c03a6fa30a2d62fa54ab00c"
	  "d648009c6",
	  .expected = "field-malformed" },
	{ "a time must not end in a colon",
	  ID "&timestamp=1700000000:"
	     "&token=057882d784693df90beb507a5de1ce28f7558183a32dab341226f07"
	     "64c30b02f",
	  .expected = "field-malformed" },

	/* times */
	{ "a time is in seconds",
	  ID "&timestamp=1700000000000"
	     "&token=5e30d82deb6409df4d88640969f7bf892b47808d920512e2af4aa86"
	     "f00bd3a29",
	  .expected = "too-early" },
	{ "a time has no fraction",
	  ID "&timestamp=1700000000.5"
	     "&token=36eec583afddadec6b30ef0e1eff94cea8f6212c7e890118385add9"
	     "13eeb539a",
	  .expected = "no-time" },
	{ "a time has no sign",
	  ID "&timestamp=-1700000000"
	     "&token=036d8dfca48a5e54e28ba083edf377724daf5ff1a69615e978ecdf5"
	     "d3a045b95",
	  .expected = "no-time" },
	{ "a time has no blank before it",
	  ID "&timestamp=+1700000000"
	     "&token=315adf779a6ca0f6c9d8beb6fac5b7431bfb1abe66b8c1039bba095"
	     "58ee01d18",
	  .expected = "no-time" },
	{ "a time is decimal",
	  ID "&timestamp=0x6553f100"
	     "&token=47e1c6f420ec14352c5a36189644e871dfbb1334c8341b2610d0448"
	     "1eb99ab93",
	  .expected = "no-time" },
	{ "a time has at most 18 digits",
	  ID "&timestamp=1700000000000000000"
	     "&token=784bfdd77f493f72658c8b6b51134396a4826dfb51be2970c95d82c"
	     "42b5781d7",
	  .expected = "no-time" },
	{ "the token is checked before the time", ID "&timestamp=x" TOKEN,
	  .expected = "wrong-token" },
	{ "a token is valid for two minutes", FIELDS TOKEN, .expected = "valid",
	  .later = 120000 },
	{ "... and for that second", FIELDS TOKEN, .expected = "valid",
	  .later = 120999 },
	{ "a token has expired after that", FIELDS TOKEN, .expected = "too-old",
	  .later = 121000 },
	{ "a token is not valid for five minutes", FIELDS TOKEN,
	  .expected = "too-old", .later = 300000 },
	{ "a token of last year has expired", FIELDS TOKEN,
	  .expected = "too-old", .later = INT64_C(31536000000) },
	{ "a clock may be a minute behind", FIELDS TOKEN, .expected = "valid",
	  .later = -60000 },
	{ "a clock must not be more behind", FIELDS TOKEN,
	  .expected = "too-early", .later = -61000 },
	{ "a token of next year is too early", FIELDS TOKEN,
	  .expected = "too-early", .later = INT64_C(-31536000000) },

	/* places */
	{ "another path has no add-on", FIELDS TOKEN, .expected = "no-addon",
	  .path = "/other" },
	{ "a GET is refused", FIELDS TOKEN, .expected = "no-addon",
	  .is_get = true },
	{ "a GET of the add-on's path is refused", FIELDS TOKEN,
	  .expected = "no-addon", .path = "/odd/login", .is_get = true },
	{ "a GET of a resource is refused", FIELDS TOKEN,
	  .expected = "no-addon", .path = "/heroku/resources", .is_get = true,
	  .id = UUID },
};

int main(void)
{
	sign_on_kind = "digitalocean/1";
	sign_on_now = INT64_C(1700000000000);
	UNIT_ROWS(forms, sign_on_is_as_expected);
	return unit_run("sso_digitalocean");
}
