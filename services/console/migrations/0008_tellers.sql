-- Who tells of an ending by its plan has a part in it by name: of those that are kept already too.
UPDATE transitions SET involved = ARRAY(
    SELECT DISTINCT person_id FROM (
        SELECT unnest(involved)
        UNION ALL
        SELECT one->>'by' FROM jsonb_array_elements(body #> '{parts,communication,messages}') AS one
    ) AS those (person_id) WHERE person_id IS NOT NULL ORDER BY person_id
) WHERE jsonb_typeof(body #> '{parts,communication,messages}') = 'array';
