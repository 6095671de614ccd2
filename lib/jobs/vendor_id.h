/*
 * vendor_id.h - decides whether a resource gets the id in a listener's answer.
 *
 * A listener may answer a provision with an id of the vendor's own.  It becomes
 * the provider_id of the resource, and the "id" of our responses, unless the
 * marketplace already knows another id, which it then keeps using.
 */
#ifndef LIB_JOBS_VENDOR_ID_H
#define LIB_JOBS_VENDOR_ID_H

struct arena;
struct db;
struct listener_answer;
struct resource;

/*
 * Set answer->id to the id that resource gets, or to NULL if it keeps its own.
 *
 * If the marketplace knows the resource under another id, log that the answer's
 * is not used.  If another resource of the add-on has the id, even one that is
 * gone, or if the database does not respond, the answer becomes a failure,
 * which is logged.
 */
void vendor_id_judge(struct db *db, struct arena *arena,
		     const struct resource *resource,
		     struct listener_answer *answer);

#endif
