/*
 * Sign-ons from Clever Cloud.  The digests are the output of sha512sum and
 * sha1sum for the text of a row, such as
 *
 *	printf %s res-1:user_1:a@example.org::SALT:1700000000000 | sha512sum
 */
#include "sign_ons.h"

#define ID "id=res-1"
#define USER "&user_id=user_1"
#define EMAIL "&email=a%40example.org"
#define NAV "&nav-data="
#define AT "&timestamp=1700000000000"
#define FIELDS ID USER EMAIL NAV AT

/* The vectors: res-1:user_1:a@example.org::SALT:1700000000000, and
 * res-1:SALT:1700000000000 */
#define SIGNATURE                                                              \
	"&signature="                                                          \
	"4dd27720e9d6c9c97c97b4c60a560807c600d209f24c503af8ab75d7c9732e"       \
	"513dc5e14c0a4155bc435e3deacb1bf34a19547cad47105561293a714ca359"       \
	"9603"
#define OLD_TOKEN "&token=83b102c839dedf72e1c9a759376c81e8dba23a9c"
#define OLD_FIELDS ID EMAIL NAV AT OLD_TOKEN

#define WHO .user = "user_1", .email = "a@example.org"
#define LEGACY .is_legacy = true

static struct sign_on_row forms[] = {
	{ "the signature of the documentation is valid", FIELDS SIGNATURE,
	  .expected = "valid", WHO },
	{ "nav-data may be absent", ID USER EMAIL AT SIGNATURE,
	  .expected = "valid", WHO },
	{ "nav-data is signed",
	  ID USER EMAIL
	  "&nav-data=abc" AT "&signature="
	  "fed8c2091cec1fd36860a7c016b9351e6eff199c6717c8b850953456c1949e"
	  "0629c43ed536c840d3341c3826e3ec5848d38338f7587124663f947b7b3dad"
	  "04dc",
	  .expected = "valid", WHO },
	{ "nav-data may have a colon",
	  ID USER EMAIL
	  "&nav-data=a:b" AT "&signature="
	  "81654ccb56683dfdeb6a1791a5c3050366ff2793919c9a1ee2b274c6752e13"
	  "f62358e41a49205e8f77a84d88d9e0fe18eed7965478d32e1d0d10cbedd4b4"
	  "bc9b",
	  .expected = "valid", WHO },
	{ "a salt that is being rotated out is valid",
	  FIELDS
	  "&signature="
	  "be305253741ddaeebbd6aa9ab698ad965b0c83e316187865ac9b0d62c7cdaa"
	  "e16ed3e094c08b1956864788154d0aa78abd5a65d657bfb0583c678a141453"
	  "5906",
	  .expected = "valid", WHO },
	{ "fields in another order are valid",
	  AT SIGNATURE "&" ID NAV EMAIL USER, .expected = "valid", WHO },
	{ "unknown fields are ignored", FIELDS SIGNATURE "&a=1&a=2",
	  .expected = "valid", WHO },
	{ "an old token beside a signature does not matter",
	  FIELDS SIGNATURE OLD_TOKEN, .expected = "valid", WHO },
	{ "... nor a wrong one", FIELDS SIGNATURE "&token=wrong",
	  .expected = "valid", WHO },
	{ "... nor with the setting", FIELDS SIGNATURE "&token=wrong",
	  .expected = "valid", WHO, LEGACY },
	{ "the add-on's own path accepts sign-ons", FIELDS SIGNATURE,
	  .expected = "valid", WHO, .path = "/odd/login" },

	/* the old token */
	{ "the old token alone is refused", OLD_FIELDS,
	  .expected = "no-token" },
	{ "... with a user, too", OLD_FIELDS USER, .expected = "no-token" },
	{ "... with the e-mail of another customer, too",
	  ID USER "&email=victim%40example.org" NAV AT OLD_TOKEN,
	  .expected = "no-token" },
	{ "the old token is valid with the setting, without a user", OLD_FIELDS,
	  .expected = "valid", LEGACY },
	{ "... whoever the form says it is",
	  ID USER "&email=victim%40example.org" NAV AT OLD_TOKEN,
	  .expected = "valid", LEGACY },
	{ "... with any user", OLD_FIELDS "&user_id=victim",
	  .expected = "valid", LEGACY },
	{ "the old token does not excuse a wrong signature",
	  FIELDS OLD_TOKEN
	  "&signature="
	  "4a80cdd4a4c8230ec1acd2ce3b6139819e914f4db4dc46ec621d0add88d5e3"
	  "054b438359bac599fc1e101da39e9d2fe23b9fdd5625893f6a79f982127034"
	  "622a",
	  .expected = "wrong-token", LEGACY },
	{ "... nor an empty one",
	  FIELDS OLD_TOKEN "&signature=", .expected = "wrong-token", LEGACY },
	{ "... nor one of another e-mail",
	  ID USER "&email=victim%40example.org" NAV AT OLD_TOKEN SIGNATURE,
	  .expected = "wrong-token", LEGACY },
	{ "... nor one without its user", OLD_FIELDS SIGNATURE,
	  .expected = "field-missing", LEGACY },
	{ "... nor without the setting", OLD_FIELDS SIGNATURE,
	  .expected = "field-missing" },
	{ "an old token of another resource is wrong",
	  "id=res-2" EMAIL NAV AT OLD_TOKEN, .expected = "wrong-token",
	  LEGACY },
	{ "an old token of another time is wrong",
	  ID "&timestamp=1700000000001" OLD_TOKEN, .expected = "wrong-token",
	  LEGACY },
	{ "an old token of another add-on is wrong",
	  ID AT "&token=a17ac2295fe8075bc59bf0656f98c2bc2d5d3c58",
	  .expected = "wrong-token", LEGACY },
	{ "an old token in upper case is wrong",
	  ID AT "&token=83B102C839DEDF72E1C9A759376C81E8DBA23A9C",
	  .expected = "wrong-token", LEGACY },
	{ "an empty old token is wrong",
	  ID AT "&token=", .expected = "wrong-token", LEGACY },
	{ "a signature in its field is wrong",
	  FIELDS
	  "&token="
	  "4dd27720e9d6c9c97c97b4c60a560807c600d209f24c503af8ab75d7c9732e"
	  "513dc5e14c0a4155bc435e3deacb1bf34a19547cad47105561293a714ca359"
	  "9603",
	  .expected = "wrong-token", LEGACY },
	{ "an old token needs its resource",
	  "timestamp=1700000000000" OLD_TOKEN, .expected = "field-missing",
	  LEGACY },
	{ "an old token needs its time", ID OLD_TOKEN,
	  .expected = "field-missing", LEGACY },
	{ "an old token is valid for five minutes", OLD_FIELDS,
	  .expected = "valid", LEGACY, .later = 300000 },
	{ "an old token has expired after that", OLD_FIELDS,
	  .expected = "too-old", LEGACY, .later = 300001 },
	{ "an old token is not valid for fifteen minutes", OLD_FIELDS,
	  .expected = "too-old", LEGACY, .later = 900000 },

	/* signatures */
	{ "an empty form is refused", "", .expected = "no-token" },
	{ "a form without a signature is refused", FIELDS,
	  .expected = "no-token" },
	{ "the tokens of other marketplaces are unknown",
	  FIELDS
	  "&resource_id=res-1&resource_token=83b102c839dedf72e1c9a759376c"
	  "81e8dba23a9c",
	  .expected = "no-token" },
	{ "a signature in another field is not one",
	  FIELDS
	  "&Signature=4dd27720e9d6c9c97c97b4c60a560807c600d209f24c503af8a"
	  "b75d7c9732e513dc5e14c0a4155bc435e3deacb1bf34a19547cad471055612"
	  "93a714ca3599603",
	  .expected = "no-token" },
	{ "an empty signature is wrong",
	  FIELDS "&signature=", .expected = "wrong-token" },
	{ "an old token as the signature is wrong",
	  FIELDS "&signature=83b102c839dedf72e1c9a759376c81e8dba23a9c",
	  .expected = "wrong-token" },
	{ "a signature in upper case is wrong",
	  FIELDS
	  "&signature=4DD27720E9D6C9C97C97B4C60A560807C600D209F24C503AF8A"
	  "B75D7C9732E513DC5E14C0A4155BC435E3DEACB1BF34A19547CAD471055612"
	  "93A714CA3599603",
	  .expected = "wrong-token" },
	{ "a signature with a blank is wrong", FIELDS SIGNATURE "+",
	  .expected = "wrong-token" },
	{ "a signature with a newline is wrong", FIELDS SIGNATURE "%0A",
	  .expected = "wrong-token" },
	{ "one digit more is wrong", FIELDS SIGNATURE "0",
	  .expected = "wrong-token" },
	{ "half of a signature is wrong",
	  FIELDS
	  "&signature=4dd27720e9d6c9c97c97b4c60a560807c600d209f24c503af8a"
	  "b75d7c9732e51",
	  .expected = "wrong-token" },
	{ "SHA-256 is wrong",
	  FIELDS
	  "&signature=7ddd90e2867510e2045ac9c84428aa36411fda70ac06293e873"
	  "a311bfe240766",
	  .expected = "wrong-token" },
	{ "SHA-1 is wrong",
	  FIELDS "&signature=e2651546a09b27b39304d4acec1b6e89c930b5cb",
	  .expected = "wrong-token" },
	{ "an HMAC is wrong",
	  FIELDS
	  "&signature=05af0e21e4516d75a5390b92a42040081922ff5e002cb56f131"
	  "bcfb93a2e3a9cc1a1a463f5cd2ac6d7ce235e313d6423f32dc40b8e8efae71"
	  "d2447bd8ef781cf",
	  .expected = "wrong-token" },
	{ "a salt of another add-on is wrong",
	  FIELDS
	  "&signature="
	  "f74b6206edab10c0f1a8592e0162feeb43ee39c085992456c4dad5ce2118cb"
	  "4da70d25a61c2f647d28460cf7200257c5807686a1aaadb34dadfe47fc0b56"
	  "7128",
	  .expected = "wrong-token" },
	{ "an empty salt is wrong",
	  FIELDS
	  "&signature="
	  "856ae781b89f3964c0ff1034ce7e8ed1e8947739d547279fbe4b3ca0b2a3c5"
	  "d74ac6a3ecea332c7bfa0a298aa4ebf78663dd2c8e83e3cf9b3b25aae3900f"
	  "c4f9",
	  .expected = "wrong-token" },
	{ "a text without the salt is wrong",
	  FIELDS
	  "&signature="
	  "85851db20390564948e468fa2392a9e274bfdb5ff0c4d5383d808f828d46de"
	  "f8f127a961e74fb507e5a9e7077895d61714d98dff1e9cd65a3a9ed41e98de"
	  "7137",
	  .expected = "wrong-token" },
	{ "a text without nav-data's colon is wrong",
	  FIELDS
	  "&signature="
	  "f43f775989d506bc47c44f36915a278a707d60429ce4ca765023e85e02aade"
	  "71126f0e537067ae9f0c91ff133c993a9dcebabb8567aa950e8400be1d5536"
	  "753c",
	  .expected = "wrong-token" },
	{ "Heroku's order of the fields is wrong",
	  FIELDS
	  "&signature="
	  "329b9a9dfc2690ad8a6980e02da8b782166c8426b81498c3285ad7efccbd8c"
	  "d37bd805853799e5bc9c783cb74896543ae341c10c14ea1d37f08105e1b5af"
	  "d429",
	  .expected = "wrong-token" },

	/* fields that were altered */
	{ "another resource is wrong", "id=res-2" USER EMAIL NAV AT SIGNATURE,
	  .expected = "wrong-token" },
	{ "a resource in upper case is wrong",
	  "id=RES-1" USER EMAIL NAV AT SIGNATURE, .expected = "wrong-token" },
	{ "another user is wrong", ID "&user_id=user_2" EMAIL NAV AT SIGNATURE,
	  .expected = "wrong-token" },
	{ "another e-mail is wrong",
	  ID USER "&email=victim%40example.org" NAV AT SIGNATURE,
	  .expected = "wrong-token" },
	{ "an e-mail in upper case is wrong",
	  ID USER "&email=A%40EXAMPLE.ORG" NAV AT SIGNATURE,
	  .expected = "wrong-token" },
	{ "an e-mail encoded twice is wrong",
	  ID USER "&email=a%2540example.org" NAV AT SIGNATURE,
	  .expected = "wrong-token" },
	{ "user and e-mail exchanged are wrong",
	  ID "&user_id=a%40example.org&email=user_1" NAV AT SIGNATURE,
	  .expected = "wrong-token" },
	{ "nav-data that was added is wrong",
	  ID USER EMAIL "&nav-data=x" AT SIGNATURE, .expected = "wrong-token" },
	{ "nav-data that was removed is wrong",
	  FIELDS
	  "&signature="
	  "fed8c2091cec1fd36860a7c016b9351e6eff199c6717c8b850953456c1949e"
	  "0629c43ed536c840d3341c3826e3ec5848d38338f7587124663f947b7b3dad"
	  "04dc",
	  .expected = "wrong-token" },
	{ "another time is wrong",
	  ID USER EMAIL NAV "&timestamp=1700000000001" SIGNATURE,
	  .expected = "wrong-token" },
	{ "a time with a leading zero is another text",
	  ID USER EMAIL NAV "&timestamp=01700000000000" SIGNATURE,
	  .expected = "wrong-token" },

	/* fields that are missing */
	{ "a resource must be present", "user_id=user_1" EMAIL NAV AT SIGNATURE,
	  .expected = "field-missing" },
	{ "a resource must not be empty", "id=" USER EMAIL NAV AT SIGNATURE,
	  .expected = "field-missing" },
	{ "a user must be present", ID EMAIL NAV AT SIGNATURE,
	  .expected = "field-missing" },
	{ "a user must not be empty, signed or not",
	  ID "&user_id=" EMAIL NAV AT "&signature="
	     "c122af136cfd2f04200633aaebad6979acc0332c72b47991217fe06a987e6b"
	     "a30ac31a42f33005bc7b4d3cf4ef5c824e3851b4568fd251e9965ce5098acd"
	     "9fc7",
	  .expected = "field-missing" },
	{ "an e-mail must be present", ID USER NAV AT SIGNATURE,
	  .expected = "field-missing" },
	{ "an e-mail must not be empty, signed or not",
	  ID USER
	  "&email=" NAV AT "&signature="
	  "f5845366b169d0a877fb96f48cbd400cce509b3bd5f1600cae6e4f70f2d303"
	  "100c66a790ee379eb83ef4104946978b459918627b2de5f89da1bcd131c79f"
	  "632e",
	  .expected = "field-missing" },
	{ "a time must be present", ID USER EMAIL NAV SIGNATURE,
	  .expected = "field-missing" },
	{ "a time must not be empty", ID USER EMAIL NAV "&timestamp=" SIGNATURE,
	  .expected = "field-missing" },

	/* colons */
	{ "a colon cannot move from the resource to the user",
	  "id=res-1:x&user_id=y" EMAIL NAV AT "&signature="
	  "35a4e8adfb398e61fe948c75891b518f18f4ccde38ba80ca21469a12e0562c"
	  "e35537cbd5709751591a381da77a5d814a06f4b96a6fe8ffae005b40e04d9c"
	  "e53d",
	  .expected = "field-malformed" },
	{ "... nor from the user to the resource",
	  "id=res-1&user_id=x:y" EMAIL NAV AT "&signature="
	  "35a4e8adfb398e61fe948c75891b518f18f4ccde38ba80ca21469a12e0562c"
	  "e35537cbd5709751591a381da77a5d814a06f4b96a6fe8ffae005b40e04d9c"
	  "e53d",
	  .expected = "field-malformed" },
	{ "a colon cannot move from the e-mail to nav-data",
	  ID USER
	  "&email=a:b" NAV AT "&signature="
	  "1932223e5244948ccb8dfdd372e2906f1dd0691d0bf509983198dae0cc59c7"
	  "9ae13a8c764e73cf0e78af24fe0feb5949334217e754648bacf53e8b390e81"
	  "314c",
	  .expected = "field-malformed" },
	{ "a user cannot contain the e-mail",
	  ID "&user_id=user_1:victim%40example.org&email=x" NAV AT "&signature="
	     "cdf06ed4461bac7687a6e049f7fba01c97d414f2178dc6f87e7937abad2200"
	     "b03cd2c09e8c99aee3bd261b86f3c2793e9ab09191c0a355bfb0b94da00493"
	     "3c00",
	  .expected = "field-malformed" },
	{ "nav-data cannot take the place of the e-mail",
	  ID USER "&email=&nav-data=a%40example.org:" AT SIGNATURE,
	  .expected = "field-missing" },

	/* repetitions */
	{ "a resource must not occur twice", FIELDS SIGNATURE "&id=res-2",
	  .expected = "field-repeated" },
	{ "a user must not occur twice", FIELDS SIGNATURE "&user_id=user_2",
	  .expected = "field-repeated" },
	{ "an e-mail must not occur twice",
	  "email=victim%40example.org&" FIELDS SIGNATURE,
	  .expected = "field-repeated" },
	{ "nav-data must not occur twice",
	  FIELDS SIGNATURE "&nav-data=", .expected = "field-repeated" },
	{ "a time must not occur twice", FIELDS SIGNATURE AT,
	  .expected = "field-repeated" },
	{ "a signature must not occur twice", FIELDS SIGNATURE SIGNATURE,
	  .expected = "field-repeated" },
	{ "an old token must not occur twice either",
	  FIELDS SIGNATURE OLD_TOKEN OLD_TOKEN, .expected = "field-repeated" },
	{ "an e-mail beside an old token must not occur twice",
	  OLD_FIELDS "&email=victim%40example.org",
	  .expected = "field-repeated", LEGACY },

	/* times */
	{ "a time is in milliseconds",
	  ID USER EMAIL NAV
	  "&timestamp=1700000000"
	  "&signature="
	  "b67c5d1c54b0b949f99a082222196d5d92aa30e6e78d1217968989023202e5"
	  "186321482a28473e78c8d84906f316135da2f1a053d02e3ad7b27482bcf3fa"
	  "ef86",
	  .expected = "too-old" },
	{ "a time is not in microseconds",
	  ID USER EMAIL NAV
	  "&timestamp=1700000000000000"
	  "&signature="
	  "d8778e6ea4a48e6321390a5abf9df848d9d712ef9b1c08181c8807bcfb7f0e"
	  "88d112f9165434436dd2158cd34f1ae8807fb2c8c5302ddd53e841b48ad99f"
	  "5388",
	  .expected = "too-early" },
	{ "a time has no fraction",
	  ID USER EMAIL NAV
	  "&timestamp=1700000000000.5"
	  "&signature="
	  "4e2cfd2e2543ca147a8793e1a9fd64bd1b902d0fb207be649e825ab4c696eb"
	  "f07f63fecb1188fd1081a0568130ee00c33bcdd66adb8631d3beb9cf963321"
	  "28f0",
	  .expected = "no-time" },
	{ "seconds with a fraction are not a time",
	  ID USER EMAIL NAV
	  "&timestamp=1700000000.123"
	  "&signature="
	  "069ee55e68427e4eaa68be750ad978c21106fe372a55ff06d1c03fc57e1ca3"
	  "680a70bc4fc1869c47db185ffef25d7b5855d6245e24316f642888332a7269"
	  "16bf",
	  .expected = "no-time" },
	{ "a time has no sign",
	  ID USER EMAIL NAV
	  "&timestamp=-1700000000000"
	  "&signature="
	  "cc65e7392bd6d0aa3a11017de281a2d4e4276a0866f059e9aa1d0b68e1cce8"
	  "c118e4811ede01596c4a4619d50b87a4e23989ddf61c97aff103c1892135cd"
	  "8ebd",
	  .expected = "no-time" },
	{ "a time has no exponent",
	  ID USER EMAIL NAV
	  "&timestamp=17e11"
	  "&signature="
	  "b40cfa0a11823467c58bce57e28a7d08e53ff50b35e040ca17911d20e942b8"
	  "90889febf1dc52aeb2e1e3b1e2108fcfd585eec755b881e8da4b40e2d9ce8a"
	  "6bfb",
	  .expected = "no-time" },
	{ "a time is not a date",
	  ID USER EMAIL NAV
	  "&timestamp=2023-11-14T22:13:20Z"
	  "&signature="
	  "9469f2be123999f10baf62b1490327bd82605a8ef6fd7c73d34fc60fb59dcc"
	  "84a4a4fe948c048939bf17ae21fc93e1a7dc39764d1113891ce71cef0616f4"
	  "bdd2",
	  .expected = "no-time" },
	{ "a signature is valid for five minutes", FIELDS SIGNATURE,
	  .expected = "valid", WHO, .later = 300000 },
	{ "a signature has expired after that", FIELDS SIGNATURE,
	  .expected = "too-old", .later = 300001 },
	{ "a signature of last year has expired", FIELDS SIGNATURE,
	  .expected = "too-old", .later = INT64_C(31536000000) },
	{ "a clock may be a minute behind", FIELDS SIGNATURE,
	  .expected = "valid", WHO, .later = -60000 },
	{ "a clock must not be more behind", FIELDS SIGNATURE,
	  .expected = "too-early", .later = -60001 },

	/* places */
	{ "another path has no add-on", FIELDS SIGNATURE,
	  .expected = "no-addon", .path = "/other" },
	{ "the path of resources has no add-on", FIELDS SIGNATURE,
	  .expected = "no-addon", .path = "/heroku/resources" },
	{ "a GET is refused", FIELDS SIGNATURE, .expected = "no-addon",
	  .is_get = true },
	{ "a GET of the add-on's path is refused", FIELDS SIGNATURE,
	  .expected = "no-addon", .path = "/odd/login", .is_get = true },
	{ "a GET of a resource is refused", FIELDS SIGNATURE,
	  .expected = "no-addon", .path = "/heroku/resources", .is_get = true,
	  .id = "res-1" },
};

int main(void)
{
	sign_on_kind = "clever-cloud/1";
	sign_on_now = INT64_C(1700000000000);
	UNIT_ROWS(forms, sign_on_is_as_expected);
	return unit_run("sso_clever_cloud");
}
