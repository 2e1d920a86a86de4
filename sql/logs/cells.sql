-- How a cell of a log, as text, becomes a value. What cannot be read is NULL.
-- Macros of one cell each, for canonical_logs and cold_eval. The session's TimeZone is `logs.timezone`.
--
-- (The linter takes an argument for a type, and sees no structure in what is indented under a macro's name.)
-- noqa: disable=CP05,LT02

-- A text with something in it.
CREATE OR REPLACE TEMP MACRO text_of(cell) AS
    nullif(cell, '');

-- A long text with more in it than white space (a search that ends at the first character; trim would copy the text).
CREATE OR REPLACE TEMP MACRO prose_of(cell) AS
    CASE WHEN regexp_matches(cell, '\S') THEN cell END;

-- Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by magnitude: each is good for 1973 to
-- 5138.
CREATE OR REPLACE TEMP MACRO epoch_time(number) AS
    timezone('UTC', make_timestamp(TRY_CAST(
        CASE
            WHEN number < 100000000000 THEN number * 1000000
            WHEN number < 100000000000000 THEN number * 1000
            WHEN number < 100000000000000000 THEN number
            ELSE number / 1000
        END AS BIGINT)));

-- ISO 8601 as other loggers write it: 20261019T043000Z, 2026-10-19T04:30:00,5z, 04:30:00 +0200.
CREATE OR REPLACE TEMP MACRO loose_time(cell) AS
    TRY_CAST(
        regexp_replace(
            regexp_replace(
                replace(upper(trim(cell)), ',', '.'),
                '^(\d{4})(\d{2})(\d{2})T(\d{2}):?(\d{2}):?(\d{2})',
                '\1-\2-\3T\4:\5:\6'
            ),
            '(:\d{2}(?:\.\d+)?) ?([+-]\d{2}):?(\d{2})$',
            '\1\2:\3'
        ) AS TIMESTAMPTZ);

-- ISO 8601 or a number since 1970. The words that DuckDB takes for times, as `infinity`, are none.
CREATE OR REPLACE TEMP MACRO time_of(cell) AS
    CASE
        WHEN NOT regexp_matches(cell, '^\s*\d') THEN NULL
        ELSE coalesce(
            TRY_CAST(cell AS TIMESTAMPTZ),
            epoch_time(TRY_CAST(cell AS DECIMAL(38, 9))),
            loose_time(cell))
    END;

-- A whole number; 12.0 is one, 12.5 is not.
CREATE OR REPLACE TEMP MACRO count_of(cell) AS
    CASE WHEN TRY_CAST(cell AS BIGINT) = TRY_CAST(cell AS DOUBLE) THEN TRY_CAST(cell AS BIGINT) END;

-- A finite number.
CREATE OR REPLACE TEMP MACRO number_of(cell) AS
    CASE WHEN isfinite(TRY_CAST(cell AS DOUBLE)) THEN TRY_CAST(cell AS DOUBLE) END;

-- true, t, yes, y, 1 and false, f, no, n, 0, in any case. A flag that is not in the log is NULL: nobody said false.
CREATE OR REPLACE TEMP MACRO flag_of(cell) AS
    TRY_CAST(cell AS BOOLEAN);

-- `up` or `down`. 0 is neither: some loggers mean down by it, others none.
-- (No list after IN: DuckDB makes a join of it, and rows that go through a join lose their order.)
CREATE OR REPLACE TEMP MACRO feedback_of(cell) AS
    CASE
        WHEN regexp_full_match(lower(cell), 'up|thumbs[_ -]?up|positive|liked?|good|true|yes|\+?1(\.0)?|👍')
            THEN 'up'
        WHEN regexp_full_match(lower(cell), 'down|thumbs[_ -]?down|negative|disliked?|bad|false|no|-1(\.0)?|👎')
            THEN 'down'
    END;

-- The sources as a JSON list, whether they are one, are a list written as a text, or are a single source.
CREATE OR REPLACE TEMP MACRO source_list(cell) AS
    CASE json_type(cell)
        WHEN 'ARRAY' THEN cell
        WHEN 'OBJECT' THEN json_array(cell)
        WHEN 'VARCHAR' THEN
            CASE
                WHEN NOT regexp_matches(cell ->> '$', '\S') THEN NULL
                WHEN regexp_matches(cell ->> '$', '^\s*\[') AND json_valid(cell ->> '$') THEN CAST(cell ->> '$' AS JSON)
                ELSE json_array(cell)
            END
    END;

-- One source: an object (its id, title and text are at the three paths of the variable source_paths), or a text.
CREATE OR REPLACE TEMP MACRO source_of(element) AS
    CASE json_type(element)
        WHEN 'VARCHAR' THEN
            {'id': CAST(NULL AS VARCHAR), 'title': CAST(NULL AS VARCHAR), 'text': element ->> '$'}
        WHEN 'OBJECT' THEN
            {
                'id': text_of(json_extract_string(element, getvariable('source_paths')[1])),
                'title': text_of(json_extract_string(element, getvariable('source_paths')[2])),
                'text': text_of(json_extract_string(element, getvariable('source_paths')[3]))
            }
    END;

CREATE OR REPLACE TEMP MACRO any_sources(cell) AS
    list_filter(
        list_transform(CAST(source_list(cell) AS JSON[]), LAMBDA element: source_of(element)),
        LAMBDA source: source IS NOT NULL);

-- The sources in whatever form. typed_sources (logs/records.py) reads a list of plain objects five times
-- as fast; what it makes nothing of goes the long way.
CREATE OR REPLACE TEMP MACRO sources_of(cell) AS
    CASE
        WHEN typed_sources(cell) IS NULL THEN any_sources(cell)
        WHEN len(list_filter(
            typed_sources(cell),
            LAMBDA source: coalesce(source.id, source.title, source.text) IS NULL)) > 0 THEN any_sources(cell)
        ELSE typed_sources(cell)
    END;

-- 1 for a cell that holds something which could not be read.
CREATE OR REPLACE TEMP MACRO unreadable(cell, value) AS
    CASE WHEN cell <> '' AND value IS NULL THEN 1 ELSE 0 END;
