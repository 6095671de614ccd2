-- Erase the e-mail address $1 from the texts of the events and attempts of jobs with the
-- numbers after $2 to $3.  Returns the number of rows.
SELECT forget_address($1, $2::bigint, $3::bigint)
