-- Indexes of the Drops app, each built without blocking writes. `node dist/migrate.js` reads this
-- file: it builds what is missing and rebuilds what an interrupted build left invalid.
-- By hand: psql "$MIGRATION_DATABASE_URL" -f database-indexes.sql (not inside a transaction).

-- Cards that a user holds. The scaling document's own statement.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_user_cards_user_id
ON user_cards(user_id) WHERE is_refunded = false;

-- Cards that a user gave back, for the full history.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_user_cards_refunded_user_id
ON user_cards(user_id) WHERE is_refunded = true;

-- Keys old enough to be forgotten.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_idempotency_keys_created_at
ON idempotency_keys(created_at);
