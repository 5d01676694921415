CREATE OR REPLACE FUNCTION public.pool_configure(p_deployments jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  INSERT INTO pool_deployments AS d (id, position, model, segments, provider, region, simulated, concurrency,
    requests_per_minute, tokens_per_minute, output_burn_down, head_room, requests_left, tokens_left)
  SELECT id, position, model, segments, provider, region, simulated, concurrency, "requestsPerMinute", "tokensPerMinute",
    coalesce("outputBurnDown", 1), coalesce("headRoom", 0.0125), "requestsPerMinute", "tokensPerMinute"
  FROM jsonb_to_recordset(p_deployments) AS configured (id text, position integer, model text, segments text[],
    provider text, region text, simulated boolean, concurrency integer, "requestsPerMinute" double precision,
    "tokensPerMinute" double precision, "outputBurnDown" double precision,
    "headRoom" double precision)
  ON CONFLICT (id) DO UPDATE SET position = excluded.position, model = excluded.model, segments = excluded.segments,
    provider = excluded.provider, region = excluded.region, simulated = excluded.simulated,
    concurrency = excluded.concurrency, requests_per_minute = excluded.requests_per_minute,
    tokens_per_minute = excluded.tokens_per_minute, output_burn_down = excluded.output_burn_down,
    head_room = excluded.head_room, retired_at = NULL,
    requests_left = CASE WHEN excluded.requests_per_minute IS NULL THEN NULL
                         ELSE coalesce(d.requests_left, excluded.requests_left) END,
    tokens_left = CASE WHEN excluded.tokens_per_minute IS NULL THEN NULL
                       ELSE coalesce(d.tokens_left, excluded.tokens_left) END;
  UPDATE pool_deployments SET retired_at = clock_timestamp()
  WHERE retired_at IS NULL AND id NOT IN (SELECT c ->> 'id' FROM jsonb_array_elements(p_deployments) AS c);
  PERFORM pool_form_markets();
END $function$;
