-- How the views of the published file were made, so that they are made again only when that changes.
-- Grain: one view. Key: name.
CREATE TABLE published.publishing.views (
    name       VARCHAR,
    definition VARCHAR
);

COMMENT ON TABLE published.publishing.views IS 'The views of this file on the lake.';
COMMENT ON COLUMN published.publishing.views.name IS 'The view.';
COMMENT ON COLUMN published.publishing.views.definition IS 'The statement that made it.';
