CREATE OR REPLACE FUNCTION public.pool_form_markets()
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
END $function$;
