-- What people need to label an item.
-- Grain: one item. Key: day (a text, empty for a cold item), item_id.
-- Reads: chosen (item_kind, day, item_id, baseline_id), sample, cold_items of one feature.
SELECT
    chosen.item_id,
    chosen.day,
    COALESCE(sample.input, cold_items.input) AS input,
    COALESCE(sample.output, cold_items.output) AS output,
    COALESCE(sample.sources, cold_items.sources) AS sources
FROM chosen
LEFT JOIN sample
    ON chosen.item_kind = 'prod' AND CAST(sample.day AS VARCHAR) = chosen.day AND sample.log_id = chosen.item_id
LEFT JOIN cold_items
    ON chosen.item_kind = 'cold' AND cold_items.baseline_id = chosen.baseline_id AND cold_items.item_id = chosen.item_id
ORDER BY chosen.day, chosen.item_id
