-- Up Migration
-- One row that tells every process of the app whether it may write here. An unknown mode is treated
-- as readonly by the app; the check keeps typing mistakes out.

CREATE TABLE drops_control (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  mode text NOT NULL DEFAULT 'open' CHECK (mode IN ('open', 'readonly', 'forward')),
  -- Origin of the tier that took over, such as https://drops.example.com
  forward_to text CHECK (forward_to ~ '^https?://[^/?#@]+/?$'),
  epoch bigint NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK (mode <> 'forward' OR forward_to IS NOT NULL)
);

INSERT INTO drops_control DEFAULT VALUES;

-- Every write of the app shares this advisory lock until it ends. Taking it alone here means: once a
-- change of mode is committed, no write that began under the old mode is still to come.
CREATE FUNCTION drops_control_fence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1146244944, 1);
  RETURN NULL;
END
$$;

CREATE TRIGGER drops_control_fence
  BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON drops_control
  FOR EACH STATEMENT EXECUTE FUNCTION drops_control_fence();
