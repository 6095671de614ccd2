-- Selects the resources r with the numbers after $2 to $3 (person_bounds.sql) that
-- mention the e-mail address $1.
r.id >= (lpad(to_hex($2::integer + 1), 2, '0') || '000000-0000-0000-0000-000000000000')::uuid
	AND r.id <= (lpad(to_hex($3::integer), 2, '0') || 'ffffff-ffff-ffff-ffff-ffffffffffff')::uuid
	AND has_address(concat_ws(' ', r.name, r.owner, r.message, r.plan_message,
		r.callback_url), $1)
