import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly, rewrite } from './owner.ts';

/**
 * Markets are formed: the routes that share deployments, in which alone it means something who was served more. What is counted
 * in them follows (docs/decisions/0045).
 */
export class FormMarkets20261122067000 implements MigrationInterface {
  name = 'FormMarkets20261122067000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      ...MARKETS,
      FORM_MARKETS,
      ...executableBy('moyai_admission', 'pool_form_markets()'),
      rewrite('pool_configure(jsonb)', [RETIRE, `${RETIRE}  PERFORM pool_form_markets();\n`]),
      'SELECT pool_form_markets()',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const MARKETS = [
  `CREATE TABLE pool_routes (
     route text PRIMARY KEY,
     -- the first of all routes that are served, through one another, by the same deployments
     market text NOT NULL
   )`,
  'GRANT SELECT, INSERT, UPDATE ON pool_routes TO moyai_admission',
  // What a city was served here stands in its row, and the same in those of the other routes of the market while it waits there.
  `ALTER TABLE admission_queues ADD market text`,
  'ALTER TABLE admission_queues NO FORCE ROW LEVEL SECURITY',
  'UPDATE admission_queues SET market = route, virtual_time = 0',
  'ALTER TABLE admission_queues FORCE ROW LEVEL SECURITY',
  'ALTER TABLE admission_queues ALTER market SET NOT NULL',
  `ALTER TABLE admission_routes
     ADD market text,
     -- where the last job began that was next by what its city was served: whoever comes to this line begins there
     ADD level double precision NOT NULL DEFAULT 0,
     -- tokens that the lane was served in this market, by its share
     ADD lane_time double precision NOT NULL DEFAULT 0`,
  'UPDATE admission_routes SET market = route',
  'ALTER TABLE admission_routes ALTER market SET NOT NULL',
];

/** Which routes share deployments. Where that changes, all who are concerned begin level: they were never compared. */
const FORM_MARKETS = `
CREATE FUNCTION pool_form_markets() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_changed text[];
BEGIN
  WITH RECURSIVE served AS (
    SELECT DISTINCT d.id, segment || '/' || d.model AS route FROM pool_deployments d, unnest(d.segments) AS segment
    WHERE d.retired_at IS NULL),
  linked AS (SELECT DISTINCT own.route, other.route AS other FROM served own JOIN served other ON other.id = own.id),
  reached AS (
    SELECT route, other FROM linked
    UNION SELECT r.route, l.other FROM reached r JOIN linked l ON l.route = r.other),
  formed AS (SELECT route, min(other) AS market FROM reached GROUP BY route),
  changed AS (
    SELECT f.market FROM formed f JOIN pool_routes p ON p.route = f.route WHERE p.market <> f.market
    UNION SELECT p.market FROM formed f JOIN pool_routes p ON p.route = f.route WHERE p.market <> f.market),
  written AS (
    INSERT INTO pool_routes AS p (route, market) SELECT route, market FROM formed
    ON CONFLICT (route) DO UPDATE SET market = excluded.market WHERE p.market <> excluded.market)
  SELECT array_agg(market) INTO v_changed FROM changed;

  UPDATE admission_queues q SET market = p.market, virtual_time = 0 FROM pool_routes p
  WHERE p.route = q.route AND (q.market <> p.market OR q.market = ANY (v_changed));
  UPDATE admission_routes r SET market = p.market, level = 0, lane_time = 0 FROM pool_routes p
  WHERE p.route = r.route AND (r.market <> p.market OR r.market = ANY (v_changed));
END $$`;

const RETIRE = `  WHERE retired_at IS NULL AND id NOT IN (SELECT c ->> 'id' FROM jsonb_array_elements(p_deployments) AS c);\n`;
