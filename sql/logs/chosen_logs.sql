-- chosen_logs: the logs of a day, of those in its files.
-- Grain: one log. Key: log_id.
-- Reads fated_logs and repeated_logs. Of logs that are repeated, only the chosen copies stay.
CREATE OR REPLACE TEMP VIEW chosen_logs AS
SELECT *
FROM fated_logs
WHERE
    fate IS NULL
    AND (chosen OR log_id NOT IN (SELECT log_id FROM repeated_logs));
